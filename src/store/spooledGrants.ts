import type { GrantRecord } from './records.ts';

type Key = Pick<GrantRecord, 'workspaceId' | 'id' | 'credentialVersion'>;

/** Which grants have something in the spool, by file, and of which credential version. Kept in memory beside the files. */
export class SpooledGrants {
  readonly #grants = new Map<string, string>();
  readonly #versions = new Map<string, Map<string, number>>();

  note(file: string, grant: Key): void {
    const key = keyOf(grant);
    const versions = this.#versions.get(key) ?? new Map<string, number>();
    this.#versions.set(key, versions.set(file, grant.credentialVersion));
    this.#grants.set(file, key);
  }

  forget(file: string): void {
    const key = this.#grants.get(file);
    if (key === undefined) return;
    const versions = this.#versions.get(key);
    versions?.delete(file);
    if (versions?.size === 0) this.#versions.delete(key);
    this.#grants.delete(file);
  }

  files(): readonly string[] {
    return [...this.#grants.keys()];
  }

  /** Whether a newer credential than this one lies there. */
  hasNewer(grant: Key): boolean {
    const versions = this.#versions.get(keyOf(grant));
    return (
      versions !== undefined && [...versions.values()].some((version) => version > grant.credentialVersion)
    );
  }
}

function keyOf({ workspaceId, id }: Key): string {
  return `${workspaceId} ${id}`;
}
