import { CallLimits } from '../kit/callLimits.ts';
import type { SimDeed, SimSignal } from '../kit/simDeeds.ts';
import type { SimAnswer, SimBreak, SimPerson, SimRequest, Simulator, SimWorld } from '../kit/simulator.ts';
import { jsonAnswer, textAnswer } from '../kit/simulator.ts';
import { AdsApi, adsRateLimited } from './simulated/adsApi.ts';
import { ApiDoor } from './simulated/apiDoor.ts';
import { GoogleApps, PLATFORM_IDS, type PlatformId } from './simulated/apps.ts';
import { STORAGE_HOST } from './simulated/bidManager.ts';
import { Breaks } from './simulated/breaks.ts';
import { Cm360Api, cm360Words } from './simulated/cm360Api.ts';
import { openidConfiguration } from './simulated/discovery.ts';
import { Dv360Api, dv360Words } from './simulated/dv360Api.ts';
import { Flags } from './simulated/flags.ts';
import { Grants } from './simulated/grants.ts';
import { Keys } from './simulated/keys.ts';
import { callLimits } from './simulated/limits.ts';
import { EVERYBODY, PEOPLE, placeOf, SERVICE_ACCOUNTS } from './simulated/people.ts';
import { RISC_HOST, RiscStream } from './simulated/riscStream.ts';
import { ServiceAccounts } from './simulated/serviceAccounts.ts';
import { simulatedSignals } from './simulated/signals.ts';
import { SignIn } from './simulated/signIn.ts';
import { TokenEndpoint } from './simulated/tokenEndpoint.ts';

const TOKEN_PATHS = ['/token', '/oauth2/v3/token', '/oauth2/v4/token', '/o/oauth2/token'];
const AUTHORIZE_PATHS = ['/o/oauth2/v2/auth', '/o/oauth2/auth', '/v2/auth'];

/**
 * Simulated Google, for the three advertising products that share its sign-in: refresh tokens that stay the same,
 * a hundred of them for each account and client, access tokens of an hour, seven days in Testing, service accounts.
 */
export class SimulatedGoogle implements Simulator {
  readonly platforms: readonly string[] = PLATFORM_IDS;
  readonly hosts = [
    'accounts.google.com',
    'oauth2.googleapis.com',
    'www.googleapis.com',
    'openidconnect.googleapis.com',
    'googleads.googleapis.com',
    'dfareporting.googleapis.com',
    'displayvideo.googleapis.com',
    'doubleclickbidmanager.googleapis.com',
    STORAGE_HOST,
    RISC_HOST,
  ];
  readonly people: readonly SimPerson[] = EVERYBODY;
  readonly #parts;
  readonly #token: TokenEndpoint;
  readonly #ads: AdsApi;
  readonly #cm360: Cm360Api;
  readonly #dv360: Dv360Api;
  readonly #risc: RiscStream;
  readonly #limits: Readonly<Record<PlatformId, CallLimits>>;

  constructor(world: SimWorld) {
    const [apps, flags, grants, keys] = [new GoogleApps(), new Flags(), new Grants(world), new Keys(world)];
    const serviceAccounts = new ServiceAccounts(world, flags, grants, keys);
    this.#parts = {
      world,
      apps,
      flags,
      grants,
      keys,
      serviceAccounts,
      signIn: new SignIn(world, apps, flags),
    };
    this.#token = new TokenEndpoint(this.#parts);
    this.#ads = new AdsApi(new ApiDoor('google-ads', this.#parts));
    this.#cm360 = new Cm360Api(new ApiDoor('google-cm360', this.#parts));
    this.#dv360 = new Dv360Api(new ApiDoor('google-dv360', this.#parts), world);
    this.#risc = new RiscStream(this.#parts);
    const plans = callLimits(world, grants);
    const limits = (platform: PlatformId) => new CallLimits(plans[platform], world.now);
    this.#limits = {
      'google-ads': limits('google-ads'),
      'google-cm360': limits('google-cm360'),
      'google-dv360': limits('google-dv360'),
    };
  }

  app(platform: string) {
    const { clientId, clientSecret, publishing } = this.#parts.apps.of(platform);
    return { clientId, clientSecret, settings: { publishing_status: publishing } };
  }

  /** Moves a platform's app between Testing and In production, for the consents from now on. */
  publish(platform: string, publishing: 'testing' | 'production'): void {
    this.#parts.apps.of(platform).publishing = publishing;
  }

  /** The service account in the place of the person, acting for that person where the product is used so. */
  fields(platform: string, method: string, person?: string): Record<string, string> {
    if (method !== 'service_account') return {};
    const place = Math.max(0, placeOf(person ?? '')) % SERVICE_ACCOUNTS.length;
    const keyFile = this.#parts.serviceAccounts.keyFile(SERVICE_ACCOUNTS[place]!);
    return platform === 'google-dv360'
      ? { key_file: keyFile }
      : { key_file: keyFile, subject: PEOPLE[place]!.email };
  }

  breaks(platform: string): readonly SimBreak[] {
    return isPlatform(platform) ? new Breaks(this.#parts, platform).all() : [];
  }

  deeds(platform: string): readonly SimDeed[] {
    return [
      {
        deed: 'put_in_testing',
        title:
          'The operator puts the app back to Testing; undone: publishes it. Counts for consents from then on',
        by: 'operator',
        apply: () => this.publish(platform, 'testing'),
        undo: () => this.publish(platform, 'production'),
      },
      {
        deed: 'authorize_a_hundred_times',
        title:
          'The person authorizes the app a hundred times more, elsewhere: older authorizations end silently',
        by: 'person',
        apply: (target) => {
          if (isPlatform(platform)) new Breaks(this.#parts, platform).authorizeElsewhere(target);
        },
      },
      ...(isPlatform(platform) ? [this.#limits[platform].deed] : []),
    ];
  }

  signals(platform: string): readonly SimSignal[] {
    if (!isPlatform(platform)) return [];
    const breaks = new Breaks(this.#parts, platform);
    return simulatedSignals(this.#parts, (target) => breaks.grantsIn(target));
  }

  registeredReceiver(_platform: string, signal: string): string | undefined {
    return this.#risc.receiverOf(signal);
  }

  lives(platform: string, method: string, secrets: Readonly<Record<string, string>>): boolean {
    if (method !== 'service_account') return this.#token.renews(secrets.refresh_token);
    // Whom it acts for is no secret: as `fields` hands it out.
    return this.#parts.serviceAccounts.mints(secrets.key_file ?? '', platform !== 'google-dv360');
  }

  takes(
    _platform: string,
    _method: string,
    { access_token: token = '' }: Readonly<Record<string, string>>,
  ): boolean {
    return this.#parts.grants.access(token)?.state === 'live';
  }

  handle(request: SimRequest): SimAnswer {
    const { host, path } = request;
    const counted = (platform: PlatformId, act: () => SimAnswer) => this.#limits[platform].pass(request, act);
    if (host === 'googleads.googleapis.com') return counted('google-ads', () => this.#ads.handle(request));
    if (path.startsWith('/dfareporting/')) return counted('google-cm360', () => this.#cm360.handle(request));
    if (host === 'displayvideo.googleapis.com')
      return counted('google-dv360', () => this.#dv360.handle(request));
    if (host === 'doubleclickbidmanager.googleapis.com') return this.#dv360.queries(request);
    if (host === RISC_HOST) return this.#risc.handle(request);
    if (host === STORAGE_HOST) return this.#dv360.file(request);
    return this.#signInHosts(request);
  }

  #signInHosts(request: SimRequest): SimAnswer {
    const { host, path } = request;
    if (AUTHORIZE_PATHS.includes(path)) return this.#parts.signIn.authorize(request);
    if (TOKEN_PATHS.includes(path) && request.method === 'POST') return this.#token.token(request);
    if (/\/tokeninfo$/.test(path)) return this.#token.tokeninfo(request);
    if (/\/revoke$/.test(path)) return this.#token.revoke(request);
    if (/\/userinfo$/.test(path)) return this.#token.userinfo(request);
    if (host === 'accounts.google.com' && path === '/.well-known/openid-configuration')
      return openidConfiguration();
    if (path === '/.well-known/risc-configuration') return riscConfiguration();
    if (path === '/oauth2/v3/certs') return this.#token.jwks();
    return path === '/oauth2/v1/certs' ? this.#token.pemKeys() : textAnswer(404, 'Not Found');
  }

  clientIds(platform: string): readonly string[] {
    return [this.#parts.apps.of(platform).clientId];
  }

  issued(accessToken: string): boolean {
    return this.#parts.grants.access(accessToken) !== undefined;
  }

  /** Each API has its own way; Campaign Manager 360's is a 403. */
  rateLimited({ host, path }: SimRequest): SimAnswer {
    if (host === 'googleads.googleapis.com') return adsRateLimited(path);
    if (path.startsWith('/dfareporting/')) return cm360Words('rate');
    if (host === 'displayvideo.googleapis.com' || host === 'doubleclickbidmanager.googleapis.com')
      return dv360Words('rate');
    return jsonAnswer(429, { error: 'rate_limit_exceeded', error_description: 'Too many requests.' });
  }
}

function riscConfiguration(): SimAnswer {
  return jsonAnswer(200, {
    issuer: 'https://accounts.google.com/',
    jwks_uri: 'https://www.googleapis.com/oauth2/v3/certs',
    delivery_methods_supported: ['https://schemas.openid.net/secevent/risc/delivery-method/push'],
  });
}

const isPlatform = (platform: string): platform is PlatformId =>
  PLATFORM_IDS.some((known) => known === platform);

export const simulateGoogle = (world: SimWorld): Simulator => new SimulatedGoogle(world);
