import type { House } from '../../app/context.ts';
import { openSecret } from '../../app/openGrant.ts';
import type { GrantRecord } from '../../store/records.ts';

interface Opened {
  readonly sealed: string;
  readonly plain: string;
}

/** The secrets of grants as a god sees them. What is still sealed as it was is not opened again: it opens to the same. */
export class OpenedSecrets {
  readonly #byGrant = new Map<string, ReadonlyMap<string, Opened>>();

  async of(god: House, grant: GrantRecord): Promise<Readonly<Record<string, string>>> {
    const known = this.#byGrant.get(grant.id);
    const vault = await god.vault.forWorkspace(grant.workspaceId);
    const opened = new Map<string, Opened>();
    for (const [field, sealed] of Object.entries(grant.secrets)) {
      const before = known?.get(field);
      opened.set(
        field,
        before?.sealed === sealed ? before : { sealed, plain: openSecret(vault, grant, field) },
      );
    }
    this.#byGrant.set(grant.id, opened);
    return Object.fromEntries([...opened].map(([field, { plain }]) => [field, plain]));
  }
}
