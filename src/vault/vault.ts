import type { Sealed } from '../core/sealed.ts';

/** What a sealed value is bound to: moved to another place, it does not open. */
export interface SealContext {
  /** The id of the grant, app, attempt … that owns the value. */
  readonly owner: string;
  readonly field: string;
  /** The owner's version at the time of sealing. */
  readonly version: number;
}

/** Seals and opens for one workspace. Synchronous: its data key is at hand. */
export interface WorkspaceVault {
  readonly seal: (context: SealContext, plaintext: string) => Sealed;
  /** Throws {@link UnsealError} when the value was altered, moved, or sealed under another key. */
  readonly open: (context: SealContext, sealed: Sealed) => string;
}

export interface Vault {
  /** The workspace's vault; makes its data key on first use. */
  readonly forWorkspace: (workspaceId: string) => Promise<WorkspaceVault>;
}

export class UnsealError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnsealError';
  }
}

/** The keys at hand cannot open what is in the database. Thrown before anything is written. */
export class WrongMasterKeyError extends Error {
  constructor(neededKeyId: string, givenKeyIds: readonly string[]) {
    super(
      `The master key does not fit this database: its secrets are sealed under master key ${neededKeyId}, ` +
        `but the key given is ${givenKeyIds.join(', ') || 'none'}. Nothing was changed. ` +
        'Give the key that was used before, in EVERGRANT_MASTER_KEY or in the key file; during a change of keys give ' +
        'both, the new one first. Without the old key the stored credentials cannot be opened by anybody, ' +
        'and every connection would have to be authorized again.',
    );
    this.name = 'WrongMasterKeyError';
  }
}
