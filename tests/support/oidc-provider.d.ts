/** The part of oidc-provider that the tests use; the package brings no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  interface StoredToken {
    readonly grantId: string;
    destroy(): Promise<void>;
  }

  export class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>);
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
    readonly RefreshToken: { find(token: string): Promise<StoredToken | undefined> };
    readonly Grant: { find(id: string): Promise<{ destroy(): Promise<void> } | undefined> };
  }
}
