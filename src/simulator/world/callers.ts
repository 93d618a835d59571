import { Problem } from '../../app/errors.ts';
import { getToken } from '../../app/getToken.ts';
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
type Way = 'http' | 'verb';

/** Those who use the service: programs that read tokens, and people who reconnect. */
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

  /** A person follows a reconnect link to its end. Throws where the connection was not mended. */
  async reconnect(
    process: SimProcess,
    town: Town,
    visit: Visit,
    connectionId: string,
    way: Way = this.#drawnWay(),
  ): Promise<void> {
    const { front, house } = process;
    if (front === null || way === 'verb')
      await connectAs(this.#world.contextIn(house!, town), town, visit, { connectionId });
    else await this.#visit(front, town, visit, connectionId);
  }

  #drawnWay(): Way {
    return this.#random() < BY_HTTP ? 'http' : 'verb';
  }

  async #visit(front: Front, town: Town, visit: Visit, connectionId: string): Promise<void> {
    const started = await this.#ask(front, town, {
      method: 'POST',
      url: '/v1/connect-sessions',
      body: { connection_id: connectionId },
    });
    const problem = this.#problemIn(started);
    if (problem !== null) throw new TurnedAway(`No connect session: ${problem}.`);
    const { url } = JSON.parse(started.body) as { readonly url: string };
    this.#page(await front.ask({ method: 'GET', url }), [200]);
    const ended =
      visit.kind === 'fields'
        ? await this.#fillIn(front, town, visit, url)
        : await this.#signIn(front, town, visit, url);
    const end = String(ended.headers.location ?? '');
    if (!end.includes('/connected/'))
      throw new TurnedAway(`The visit ended with ${ended.status} at ${end.split('?')[0]}.`);
    this.#page(await front.ask({ method: 'GET', url: end }), [200]);
  }

  async #fillIn(front: Front, town: Town, { platform, method, person }: Visit, url: string): Promise<Heard> {
    const fields = town.simulatorOf(platform).fields(platform, method, person);
    return this.#page(
      await front.ask({ method: 'POST', url: `${url}/fields`, body: new URLSearchParams({ ...fields }) }),
      [200, 302, 303],
    );
  }

  async #signIn(front: Front, town: Town, { person }: Visit, url: string): Promise<Heard> {
    const begun = this.#page(await front.ask({ method: 'GET', url: `${url}/continue` }), [302, 303]);
    const cookie = cookiesOf(begun);
    const back = await throughConsent(town, new URL(String(begun.headers.location)), person);
    return this.#page(await front.ask({ method: 'GET', url: back.href, headers: { cookie } }), [302, 303]);
  }

  #ask(front: Front, town: Town, asked: Asked): Promise<Heard> {
    return front.ask({ ...asked, headers: { authorization: `Bearer ${town.apiKey}` } });
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
