import type { PlatformAnswer } from '../core/answer.ts';
import type { Instant } from '../core/instant.ts';
import type { PlatformRequest } from '../platforms/kit/request.ts';
import type { PlatformRegistry } from '../platforms/registry.ts';
import type { ApiKeyRecord, AppRecord, Environment } from '../store/records.ts';
import type { ConnectionView, Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import type { Breakers } from './breakers.ts';
import type { LookedUp } from './briefly.ts';
import type { Committer } from './committer.ts';
import type { Flights } from './flights.ts';
import type { OpenedTokens } from './openToken.ts';
import type { OwnFaults } from './ownFaults.ts';
import type { ReadLog } from './readLog.ts';
import type { SandboxClock } from './sandboxClock.ts';

/** The wire, as the verbs see it: bound to a platform's hosts and an environment. Never throws. */
export interface Wire {
  readonly senderFor: (target: {
    readonly hosts: readonly string[];
    readonly environment: Environment;
    readonly declaredInsecureLoopback?: boolean;
  }) => (request: PlatformRequest) => Promise<PlatformAnswer>;
  /** The address to which a person is sent. */
  readonly browserUrl: (environment: Environment, url: string) => string;
  /** Milliseconds after which a call is given up, whatever it waits for. */
  readonly longestCallMs: number;
}

export interface Log {
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
}

/** Counts what happens, for metrics. Labels are never secret and never an id. */
export interface Meter {
  readonly count: (
    name: 'renewals' | 'probes' | 'token_reads' | 'verdicts' | 'platform_calls' | 'spool_replays',
    labels: Record<string, string>,
    by?: number,
  ) => void;
}

/** What all verbs share: the parts of the house, wired in `main.ts`. */
export interface House {
  readonly store: Store;
  readonly vault: Vault;
  readonly wire: Wire;
  readonly registry: PlatformRegistry;
  readonly committer: Committer;
  readonly flights: Flights;
  readonly readLog: ReadLog;
  readonly openedTokens: OpenedTokens;
  /**
   * The key of this SHA-256; revoked ones too. As this and the next two were at most `TRUST_MS` (`briefly.ts`) ago where another
   * process has written since, and with all that this one has written. Enough for requests and reads, never for renewals.
   */
  readonly apiKeys: (hash: string) => LookedUp<ApiKeyRecord>;
  readonly connections: (workspaceId: string, id: string) => LookedUp<ConnectionView>;
  readonly apps: (workspaceId: string, id: string) => LookedUp<AppRecord>;
  readonly now: () => Instant;
  /** Where `now` can be moved: in a sandbox of its own database. Null: it is the time as it is. */
  readonly clock: SandboxClock | null;
  /** In real time, whatever `now` does: resolves after the time, or as soon as the signal is aborted. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  readonly breakers: Breakers;
  readonly ownFaults: OwnFaults;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly log: Log;
  readonly meter: Meter;
  /** Where people and platforms reach this service, without trailing slash. */
  readonly publicUrl: string;
  /** Names this process in leases. */
  readonly nodeId: string;
}

/** Who asks, and for which workspace. */
export interface Context {
  readonly house: House;
  readonly workspaceId: string;
  /** As recorded in the activity log: `api_key:key_…`, `account_holder`, `keeper`. */
  readonly actor: string;
}
