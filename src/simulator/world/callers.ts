import { Problem } from '../../app/errors.ts';
import { getToken } from '../../app/getToken.ts';
import { createApp } from '../../app/manageApps.ts';
import { createClient } from '../../app/manageClients.ts';
import { seededRandom } from '../dice.ts';
import type { Asked, Front, Heard } from './front.ts';
import type { SimProcess } from './process.ts';
import type { Town } from './town.ts';
import { connectAs, TurnedAway, throughConsent, type Visit } from './visit.ts';
import type { World } from './world.ts';

/** Of all calls and visits, so many go through the HTTP server; the others call the verbs, which is quicker. */
const BY_HTTP = 0.5;
const MIN_TTL_SECONDS = 300;

/** Through the HTTP server, or by calling the verb. */
export type Way = 'http' | 'verb';

/** What a connect link is for: a new connection, or one that is there. */
type Wanted =
  | { readonly connectionId: string }
  | { readonly clientId: string; readonly appId: string; readonly method: string };

/** Those who use the service: operators who set it up, programs that read tokens, and people who connect and reconnect. */
export class Callers {
  readonly #world: World;
  readonly #random: () => number;

  constructor(world: World) {
    this.#world = world;
    this.#random = seededRandom(`${world.options.seed} callers`);
  }

  /** Reads a connection's token. Resolves to the code of the problem; null: it was handed out. */
  async readToken(
    process: SimProcess,
    town: Town,
    connectionId: string,
    way: Way = this.#drawnWay(),
  ): Promise<string | null> {
    const { front, house } = process;
    if (front !== null && way === 'http') {
      const url = `/v1/connections/${connectionId}/token?min_ttl=${MIN_TTL_SECONDS}`;
      return this.#problemIn(await this.#ask(front, town, { method: 'GET', url }));
    }
    const input = { connectionId, minTtlSeconds: MIN_TTL_SECONDS };
    return getToken(this.#world.contextIn(house!, town), input).then(
      () => null,
      (error: unknown) => {
        this.#world.isLife(error);
        return error instanceof Problem ? error.code : String(error);
      },
    );
  }

  /**
   * Reports that a platform refused the connection's token, as a program does that got it a moment ago. Resolves to
   * whether the service took note.
   */
  async reportRefused(process: SimProcess, town: Town, connectionId: string): Promise<boolean> {
    if (process.front === null) return false;
    const body = { endpoint: 'api', status: 401, headers: {}, body: '' };
    const url = `/v1/connections/${connectionId}/failures`;
    return this.#problemIn(await this.#ask(process.front, town, { method: 'POST', url, body })) === null;
  }

  /** A program registers a client. Resolves to its id. */
  async createClient(process: SimProcess, town: Town, name: string, way: Way = this.#drawnWay()) {
    const { front, house } = process;
    if (front === null || way === 'verb')
      return (await createClient(this.#world.contextIn(house!, town), { name })).id;
    return this.#created(front, town, '/v1/clients', { name });
  }

  /** An operator registers the app that a platform of the town knows. Resolves to its id. */
  async createApp(process: SimProcess, town: Town, platform: string, way: Way = this.#drawnWay()) {
    const { front, house } = process;
    const { clientId, clientSecret, settings } = town.simulatorOf(platform).app(platform);
    const environment = 'sandbox';
    if (front === null || way === 'verb') {
      const input = { platform, environment, clientId, clientSecret, settings } as const;
      return (await createApp(this.#world.contextIn(house!, town), input)).id;
    }
    const body = { platform, environment, client_id: clientId, client_secret: clientSecret, settings };
    return this.#created(front, town, '/v1/apps', body);
  }

  /** A person follows a connect or reconnect link to its end. Resolves to the connection; throws where it was not made. */
  async connect(
    process: SimProcess,
    town: Town,
    visit: Visit,
    wanted: Wanted,
    way: Way = this.#drawnWay(),
  ): Promise<string> {
    const { front, house } = process;
    if (front !== null && way === 'http') return this.#visit(front, town, visit, wanted);
    const ctx = this.#world.contextIn(house!, town);
    return (await connectAs(ctx, town, visit, wanted)).connectionId;
  }

  #drawnWay(): Way {
    return this.#random() < BY_HTTP ? 'http' : 'verb';
  }

  async #visit(front: Front, town: Town, visit: Visit, wanted: Wanted): Promise<string> {
    const { id, url } = await this.#json<{ readonly id: string; readonly url: string }>(front, town, {
      method: 'POST',
      url: '/v1/connect-sessions',
      body:
        'connectionId' in wanted
          ? { connection_id: wanted.connectionId }
          : { client_id: wanted.clientId, app_id: wanted.appId, method: wanted.method },
    });
    this.#page(await this.#heard(front, { method: 'GET', url }), [200]);
    const ended =
      visit.kind === 'fields'
        ? await this.#fillIn(front, town, visit, url)
        : await this.#signIn(front, town, visit, url);
    const end = String(ended.headers.location ?? '');
    if (!end.includes('/connected/'))
      throw new TurnedAway(`The visit ended with ${ended.status} at ${end.split('?')[0]}.`);
    this.#page(await this.#heard(front, { method: 'GET', url: end }), [200]);
    const session = { method: 'GET', url: `/v1/connect-sessions/${id}` } as const;
    return (await this.#json<{ readonly connection_id: string }>(front, town, session)).connection_id;
  }

  async #fillIn(front: Front, town: Town, { platform, method, person }: Visit, url: string): Promise<Heard> {
    const fields = town.simulatorOf(platform).fields(platform, method, person);
    return this.#page(
      await this.#heard(front, {
        method: 'POST',
        url: `${url}/fields`,
        body: new URLSearchParams({ ...fields }),
      }),
      [200, 302, 303],
    );
  }

  async #signIn(front: Front, town: Town, { person }: Visit, url: string): Promise<Heard> {
    const begun = this.#page(await this.#heard(front, { method: 'GET', url: `${url}/continue` }), [302, 303]);
    const cookie = cookiesOf(begun);
    const back = await throughConsent(town, new URL(String(begun.headers.location)), person);
    return this.#page(
      await this.#heard(front, { method: 'GET', url: back.href, headers: { cookie } }),
      [302, 303],
    );
  }

  async #created(front: Front, town: Town, url: string, body: object): Promise<string> {
    return (await this.#json<{ readonly id: string }>(front, town, { method: 'POST', url, body })).id;
  }

  /** What the API answers; throws where it answers with a problem. */
  async #json<T>(front: Front, town: Town, asked: Asked): Promise<T> {
    const heard = await this.#ask(front, town, asked);
    const problem = this.#problemIn(heard);
    if (problem !== null) throw new TurnedAway(`${asked.method} ${asked.url}: ${problem}.`);
    return JSON.parse(heard.body) as T;
  }

  #ask(front: Front, town: Town, asked: Asked): Promise<Heard> {
    return this.#heard(front, { ...asked, headers: { authorization: `Bearer ${town.apiKey}` } });
  }

  async #heard(front: Front, asked: Asked): Promise<Heard> {
    const heard = await front.ask(asked);
    const path = asked.url.split('?')[0]!;
    const text = `${JSON.stringify(heard.headers)} ${heard.body}`;
    for (const checker of this.#world.checkers) checker.onAnswer?.({ path, text });
    return heard;
  }

  /** A page as it was wished for, or a problem told to a person; 500 is a fault of the program. */
  #page(heard: Heard, wanted: readonly number[]): Heard {
    this.#noFault(heard);
    if (!wanted.includes(heard.status)) throw new TurnedAway(`A page answered ${heard.status}.`);
    return heard;
  }

  /** The code of the problem in an answer of the API; null: there is none. */
  #problemIn(heard: Heard): string | null {
    this.#noFault(heard);
    if (heard.status < 400) return null;
    return (JSON.parse(heard.body) as { readonly code: string }).code;
  }

  #noFault({ status, body }: Heard): void {
    this.#world.tally.httpRequests += 1;
    if (status === 500) this.#world.report('FAULT', `The server answered 500: ${body}`, 'program');
  }
}

function cookiesOf({ headers }: Heard): string {
  return [headers['set-cookie'] ?? []]
    .flat()
    .map((line) => String(line).split(';')[0])
    .join('; ');
}
