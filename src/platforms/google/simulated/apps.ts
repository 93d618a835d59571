import { type SimApp, SimApps } from '../../kit/simApps.ts';

export const PLATFORM_IDS = ['google-ads', 'google-cm360', 'google-dv360'] as const;
export type PlatformId = (typeof PLATFORM_IDS)[number];

/** One OAuth client for each platform, so that disconnecting one leaves the others alone. All in one Cloud project. */
export class GoogleApps {
  readonly #byPlatform = new Map<string, { readonly clientId: string; readonly apps: SimApps }>();

  constructor() {
    for (const [index, platform] of PLATFORM_IDS.entries()) {
      const clientId = `10450000000${index}-sandbox.apps.googleusercontent.com`;
      const clientSecret = `GOCSPX-sandbox-${platform}`;
      this.#byPlatform.set(platform, { clientId, apps: new SimApps({ clientId, clientSecret }) });
    }
  }

  of(platform: string): SimApp {
    const entry = this.#byPlatform.get(platform);
    const app = entry?.apps.get(entry.clientId);
    if (!app) throw new Error(`No simulated app for ${platform}.`);
    return app;
  }

  get(clientId: string | null | undefined): SimApp | undefined {
    return this.all().find((app) => app.clientId === clientId);
  }

  all(): readonly SimApp[] {
    return [...this.#byPlatform.values()].flatMap(({ apps }) => apps.all());
  }
}
