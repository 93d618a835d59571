import type { BreakTarget } from './simulator.ts';

/** An app (OAuth client) as a simulated platform knows it. */
export interface SimApp {
  readonly clientId: string;
  clientSecret: string;
  disabled: boolean;
  publishing: 'testing' | 'production';
}

/** The apps registered at a simulated platform. */
export class SimApps {
  readonly #apps = new Map<string, SimApp>();

  constructor(first: { clientId: string; clientSecret: string }) {
    this.#apps.set(first.clientId, { ...first, disabled: false, publishing: 'production' });
  }

  get(clientId: string | null | undefined): SimApp | undefined {
    return clientId ? this.#apps.get(clientId) : undefined;
  }

  /** The app, if id and secret belong together. */
  authenticate(clientId: string | null | undefined, secret: string | null | undefined): SimApp | undefined {
    const app = this.get(clientId);
    return app && app.clientSecret === secret ? app : undefined;
  }

  all(): readonly SimApp[] {
    return [...this.#apps.values()];
  }

  /** The apps that a target means. */
  readonly in = ({ clientId }: BreakTarget): readonly SimApp[] =>
    this.all().filter((app) => clientId === undefined || app.clientId === clientId);
}
