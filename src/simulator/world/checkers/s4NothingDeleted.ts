import type { CheckerFactory } from '../checker.ts';

export const s4NothingDeleted: CheckerFactory = ({ report }) => {
  const known = new Map<string, ReadonlySet<string>>();
  return {
    id: 'S4',
    promise: 'Nothing is deleted because of a failure.',
    onAudit: (grants) => {
      const standing = new Set(grants.map(({ grant }) => grant.id));
      for (const id of known.keys()) if (!standing.has(id)) report('A grant is gone.', id);
      for (const { grant } of grants) {
        const fields = new Set(Object.keys(grant.secrets));
        for (const field of known.get(grant.id) ?? []) {
          if (!fields.has(field)) report(`Its ${field} is gone.`, grant.id);
        }
        known.set(grant.id, fields);
      }
    },
  };
};
