import type { SimAnswer, SimPerson, SimRequest, Simulator } from '../../platforms/kit/simulator.ts';

/** At which door a platform denies what it has issued: where tokens are renewed, or where they are used. */
export type Door = 'renewals' | 'uses';

/** What carries a token that is renewed. */
const RENEWED = /(\b(?:refresh_token|fb_exchange_token)=|"refresh_token"\s*:\s*")[^&"]+/g;
const USED = /(\b(?:access_token|token)=)[^&"]+/g;
const USED_HEADERS = ['access-token', 'ttd-auth'];

/**
 * A simulated platform that may not know for a while what it knows: it answers as to a token that it never issued, in its
 * own words, and nothing happens to the grant. Its other door tells the truth meanwhile.
 */
export class Liar implements Simulator {
  /** Where it lies at the moment; null: nowhere. */
  denies: Door | null = null;
  /** Stands for what keeps looks, and nothing else, from showing how a grant is: to be asked of the hindrances. */
  readonly veil = Symbol('veil');
  /** As `veil`: stands for calls that were lost here by chance. */
  readonly losses = Symbol('losses');
  readonly #marks = new Map<SimPerson, symbol>();
  /** Hears of each lie. */
  onLie: () => void = () => {};
  readonly #inner: Simulator;

  constructor(inner: Simulator) {
    this.#inner = inner;
  }

  get platforms() {
    return this.#inner.platforms;
  }

  get hosts() {
    return this.#inner.hosts;
  }

  get people() {
    return this.#inner.people;
  }

  /** Stands for one person here: people of the same name live in other towns, too. */
  markOf(person: SimPerson): symbol {
    const mark = this.#marks.get(person) ?? Symbol(person.id);
    this.#marks.set(person, mark);
    return mark;
  }

  readonly app: Simulator['app'] = (platform) => this.#inner.app(platform);
  readonly fields: Simulator['fields'] = (...given) => this.#inner.fields(...given);
  readonly breaks: Simulator['breaks'] = (platform) => this.#inner.breaks(platform);
  readonly deeds: NonNullable<Simulator['deeds']> = (platform) => this.#inner.deeds?.(platform) ?? [];
  readonly lives: Simulator['lives'] = (...given) => this.#inner.lives(...given);
  readonly takes: Simulator['takes'] = (...given) => this.#inner.takes(...given);
  readonly clientIds: Simulator['clientIds'] = (platform) => this.#inner.clientIds(platform);
  readonly issued: Simulator['issued'] = (accessToken) => this.#inner.issued(accessToken);
  readonly rateLimited: Simulator['rateLimited'] = (request) => this.#inner.rateLimited(request);

  handle(request: SimRequest): SimAnswer | Promise<SimAnswer> {
    if (this.denies === null) return this.#inner.handle(request);
    const denied = DENIED[this.denies](request);
    if (isOther(request, denied)) this.onLie();
    return this.#inner.handle(denied);
  }
}

const DENIED: Readonly<Record<Door, (request: SimRequest) => SimRequest>> = {
  renewals: (request) => ({ ...request, ...rewritten(request, RENEWED) }),
  uses: (request) => {
    const headers = { ...request.headers };
    for (const name of USED_HEADERS) if (headers[name] !== undefined) headers[name] = 'denied';
    if (/^bearer /i.test(headers.authorization ?? '')) headers.authorization = 'Bearer denied';
    return { ...request, headers, ...rewritten(request, USED) };
  },
};

function rewritten({ body, query }: SimRequest, pattern: RegExp): Pick<SimRequest, 'body' | 'query'> {
  const text = query.toString();
  const asked = text.replace(pattern, '$1denied');
  return {
    body: body.replace(pattern, '$1denied'),
    query: asked === text ? query : new URLSearchParams(asked),
  };
}

function isOther(one: SimRequest, other: SimRequest): boolean {
  if (one.body !== other.body || one.query !== other.query) return true;
  return Object.keys(one.headers).some((name) => one.headers[name] !== other.headers[name]);
}
