import type { Spool } from '../../app/committer.ts';
import type { GrantOutcome } from '../../store/store.ts';

/** The disk of one simulated machine: what was put there outlives its processes. */
export function memorySpool(): Spool & { readonly size: () => number } {
  const files = new Map<string, GrantOutcome>();
  let sequence = 0;
  return {
    size: () => files.size,
    put: async (outcome) => {
      sequence += 1;
      files.set(`${String(sequence).padStart(9, '0')}-${outcome.grant.id}`, outcome);
    },
    all: async () => [...files].map(([name, outcome]) => ({ name, outcome })),
    drop: async (name) => {
      files.delete(name);
    },
    setAside: async (name) => {
      files.delete(name);
      return name;
    },
    hasNewer: async ({ workspaceId, id, credentialVersion }) =>
      [...files.values()].some(
        ({ grant }) =>
          grant.workspaceId === workspaceId && grant.id === id && grant.credentialVersion > credentialVersion,
      ),
  };
}
