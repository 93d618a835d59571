import type { CheckerFactory } from '../checker.ts';

export const s4NothingDeleted: CheckerFactory = ({ report, judged }) => {
  const secrets = new Map<string, ReadonlySet<string>>();
  const clientOf = new Map<string, string>();
  return {
    id: 'S4',
    promise: 'Nothing is deleted because of a failure.',
    onAudit: (grants, connections) => {
      const standing = new Set([
        ...grants.map(({ grant }) => grant.id),
        ...connections.map(({ connection }) => connection.id),
      ]);
      for (const id of secrets.keys()) if (!standing.has(id)) report('A grant is gone.', id);
      for (const id of clientOf.keys()) if (!standing.has(id)) report('A connection is gone.', id);
      for (const { connection } of connections) {
        const known = clientOf.get(connection.id) ?? connection.clientId;
        if (known !== connection.clientId) report('A connection has changed its client.', connection.id);
        clientOf.set(connection.id, known);
      }
      for (const { grant, secrets: held } of grants) {
        judged();
        const fields = new Set(Object.keys(held).filter((field) => held[field] !== ''));
        for (const field of secrets.get(grant.id) ?? [])
          if (!fields.has(field)) report(`Its ${field} is gone.`, grant.id);
        secrets.set(grant.id, fields);
      }
    },
  };
};
