import { jsonAnswer, jsonOf, type SimAnswer, type SimRequest, type SimWorld } from '../kit/simulator.ts';
import { advertiserOfDownload, reportExecutions, reportFile } from './simulatedReports.ts';
import { advertisers, PARTNERS, type SimApiUser } from './simulatedSeats.ts';

/** Smaller than what callers ask for, so that they must follow the pages by the count. */
const MOST_PER_PAGE = 2;

const messageOf = (status: number, Message: string): SimAnswer => jsonAnswer(status, { Message });

/** Seats and advertisers behind the REST and GraphQL interfaces. */
export class SimulatedSeats {
  readonly advertisers = advertisers();
  readonly #now: SimWorld['now'];
  /** `user partner` pairs that were taken away. */
  readonly removed = new Set<string>();

  constructor({ now }: Pick<SimWorld, 'now'>) {
    this.#now = now;
  }

  partnersOf(user: SimApiUser): readonly string[] {
    return user.partners.filter((partner) => !this.removed.has(`${user.id} ${partner}`));
  }

  rest(request: SimRequest, user: SimApiUser): SimAnswer {
    const path = request.path.replace(/^\/v3/, '');
    const key = `${request.method} ${path}`;
    if (key === 'POST /partner/query')
      return this.#page(
        request,
        PARTNERS.filter(({ PartnerId }) => this.partnersOf(user).includes(PartnerId)),
      );
    if (key === 'POST /advertiser/query/partner') return this.#advertisersOf(request, user);
    if (key === 'POST /campaign/query/advertiser')
      return this.#ofAdvertiser(request, user, () => this.#page(request, []));
    // No Content has a status of its own here.
    if (key === 'POST /trackingtag/query/advertiser')
      return this.#ofAdvertiser(request, user, () => ({ status: 240, body: '' }));
    if (key === 'POST /tracking/universalpixelwithactivity/advertiser/query') {
      return this.#ofAdvertiser(request, user, () => this.#page(request, []));
    }
    if (key === 'POST /myreports/reportexecution/query/advertisers') return this.#executions(request, user);
    if (key === 'POST /myreports/reportexecution/query/partners') return this.#page(request, []);
    const downloaded = request.method === 'GET' ? advertiserOfDownload(path) : undefined;
    if (downloaded !== undefined)
      return this.#reaches(user, downloaded)
        ? reportFile(downloaded, this.#now())
        : seatRefused('Advertiser', downloaded);
    if (/^(POST|PUT) \/advertiser$/.test(key))
      return invalid('AdvertiserName', 'This property is required when creating.');
    const named = /^GET \/(overview\/partner|partner|advertiser)\/([^/]+)$/.exec(key);
    if (named) return this.#named(user, named[1] ?? '', named[2] ?? '');
    return messageOf(404, 'The requested resource could not be found.');
  }

  graphql(request: SimRequest, user: SimApiUser): SimAnswer {
    const asked = String(jsonOf(request).query ?? '');
    const seats = this.partnersOf(user);
    if (/\bpartners\b/.test(asked)) {
      const nodes = PARTNERS.filter(({ PartnerId }) => seats.includes(PartnerId)).map((seat) => ({
        id: seat.PartnerId,
        name: seat.PartnerName,
      }));
      return jsonAnswer(200, { data: { partners: { nodes, totalCount: nodes.length } } });
    }
    if (/\badvertisers\b/.test(asked)) {
      const held = this.advertisers.filter(({ PartnerId }) => seats.includes(PartnerId));
      const nodes = held.map(({ AdvertiserId, AdvertiserName }) => ({
        id: AdvertiserId,
        name: AdvertiserName,
      }));
      return jsonAnswer(200, { data: { advertisers: { nodes, totalCount: nodes.length } } });
    }
    if (/__typename/.test(asked)) return jsonAnswer(200, { data: { __typename: 'Query' } });
    const words = 'The field does not exist on the type `Query`.';
    return jsonAnswer(200, { errors: [{ message: words, extensions: { code: 'HC0020' } }] });
  }

  #executions(request: SimRequest, user: SimApiUser): SimAnswer {
    const asked = jsonOf(request).AdvertiserIds;
    const ids = Array.isArray(asked) ? asked.map(String) : [];
    const foreign = ids.find((id) => !this.#reaches(user, id));
    return foreign === undefined
      ? this.#page(request, reportExecutions(ids, this.#now()))
      : seatRefused('Advertiser', foreign);
  }

  #advertisersOf(request: SimRequest, user: SimApiUser): SimAnswer {
    const partner = String(jsonOf(request).PartnerId ?? '');
    if (!this.partnersOf(user).includes(partner)) return seatRefused('Partner', partner);
    return this.#page(
      request,
      this.advertisers.filter(({ PartnerId }) => PartnerId === partner),
    );
  }

  #ofAdvertiser(request: SimRequest, user: SimApiUser, answer: () => SimAnswer): SimAnswer {
    const id = String(jsonOf(request).AdvertiserId ?? '');
    return this.#reaches(user, id) ? answer() : seatRefused('Advertiser', id);
  }

  #reaches(user: SimApiUser, advertiserId: string): boolean {
    const seats = this.partnersOf(user);
    return this.advertisers.some(
      ({ AdvertiserId, PartnerId }) => AdvertiserId === advertiserId && seats.includes(PartnerId),
    );
  }

  #named(user: SimApiUser, kind: string, id: string): SimAnswer {
    if (kind === 'advertiser') {
      const found =
        this.#reaches(user, id) && this.advertisers.find(({ AdvertiserId }) => AdvertiserId === id);
      return found ? jsonAnswer(200, found) : seatRefused('Advertiser', id);
    }
    const seat = PARTNERS.find(({ PartnerId }) => PartnerId === id);
    if (!seat || !this.partnersOf(user).includes(id)) return seatRefused('Partner', id);
    if (kind === 'partner') return jsonAnswer(200, { ...seat, CurrencyCodes: ['USD', 'EUR'] });
    return jsonAnswer(200, {
      ...seat,
      Advertisers: this.advertisers.filter(({ PartnerId }) => PartnerId === id),
    });
  }

  /** `PageSize` null: all of them; 0: the count alone. */
  #page(request: SimRequest, all: readonly unknown[]): SimAnswer {
    const { PageStartIndex, PageSize } = jsonOf(request);
    const from = Number(PageStartIndex ?? 0);
    if (typeof PageSize === 'number' && PageSize < 0)
      return invalid('PageSize', 'This property must not be negative.');
    const most =
      PageSize === null || PageSize === undefined ? all.length : Math.min(Number(PageSize), MOST_PER_PAGE);
    const Result = all.slice(from, from + most);
    return jsonAnswer(200, {
      Result,
      ResultCount: Result.length,
      TotalFilteredCount: all.length,
      TotalUnfilteredCount: all.length,
    });
  }
}

function seatRefused(kind: string, id: string): SimAnswer {
  return messageOf(
    403,
    `The user is not authorized to access ${kind} '${id}' or the ${kind.toLowerCase()} does not exist.`,
  );
}

export function invalid(Property: string, reason: string): SimAnswer {
  const Message = 'The request failed validation. Please check your request and try again.';
  return jsonAnswer(400, { Message, ErrorDetails: [{ Property, Reasons: [reason] }] });
}
