import { textAt } from '../../../core/answer.ts';
import { jsonAnswer, jsonOf, type SimAnswer, type SimRequest } from '../../kit/simulator.ts';
import { CUSTOMERS, type Customer, customerBy, directAccess } from './adsData.ts';
import { type ApiDoor, isGrant } from './apiDoor.ts';
import { REFUSALS, type Refusal, rpcError } from './apiErrors.ts';
import { answerGaql, type Gaql, readGaql } from './gaql.ts';
import type { Grant } from './grants.ts';
import { placeOf } from './people.ts';
import { ADWORDS } from './scopes.ts';
import { withMetrics } from './spend.ts';

const HTTP: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  INVALID_ARGUMENT: 400,
};

interface AdsError {
  readonly status: string;
  /** Such as `['authorizationError', 'USER_PERMISSION_DENIED']`. */
  readonly code: readonly [string, string];
  readonly details?: object;
}

/** googleads.googleapis.com, any version: customers:listAccessibleCustomers, googleAds:search and :searchStream. */
export class AdsApi {
  readonly #door: ApiDoor;

  constructor(door: ApiDoor) {
    this.#door = door;
  }

  handle(request: SimRequest): SimAnswer {
    const version = /^\/v(\d+)\//.exec(request.path)?.[1];
    const path = request.path.replace(/^\/v\d+/, '');
    const search = /^\/customers\/(\d+)\/googleAds:(search|searchStream)$/.exec(path);
    if (version === undefined || (path !== '/customers:listAccessibleCustomers' && !search)) return gone();
    const answer = this.#answer(request, search?.[1], version);
    return asAsked(path, answer);
  }

  /** `id`: the customer that is searched; undefined where the accessible ones are listed. */
  #answer(request: SimRequest, id: string | undefined, version: string): SimAnswer {
    const words = (refusal: Refusal) => wordsOf(refusal, Number(version));
    const grant = this.#door.enter(request, [ADWORDS], words);
    if (!isGrant(grant)) return grant;
    if (this.#provisionedNowhere(grant))
      return adsError({ status: 'UNAUTHENTICATED', code: ['authenticationError', 'NOT_ADS_USER'] }, version);
    if (id !== undefined) return this.#search(request, grant, id, version);
    return jsonAnswer(200, { resourceNames: this.#direct(grant).map((direct) => `customers/${direct}`) });
  }

  #provisionedNowhere(grant: Grant): boolean {
    return this.#door.broken('no_access_empty', grant) || this.#door.broken('no_access_refused', grant);
  }

  #direct(grant: Grant): readonly string[] {
    const all = directAccess(placeOf(grant.actor));
    return this.#door.broken('role_removed', grant) ? all.slice(1) : all;
  }

  #search(request: SimRequest, grant: Grant, id: string, version: string): SimAnswer {
    const customer = customerBy(id);
    const refused = this.#refuses(request, grant, customer, Number(version));
    if (refused || !customer)
      return adsError(
        refused ?? { status: 'UNAUTHENTICATED', code: ['authenticationError', 'CUSTOMER_NOT_FOUND'] },
        version,
      );
    const query = readGaql(textAt(jsonOf(request), 'query') ?? '');
    const rows = query && this.#rows(query, customer);
    if (!query || !rows)
      return adsError({ status: 'INVALID_ARGUMENT', code: ['queryError', 'UNEXPECTED_INPUT'] }, version);
    if (
      customer.manager &&
      query.resource === 'customer' &&
      query.fields.some((field) => field.startsWith('metrics.'))
    ) {
      return adsError(
        { status: 'INVALID_ARGUMENT', code: ['queryError', 'REQUESTED_METRICS_FOR_MANAGER'] },
        version,
      );
    }
    const results = answerGaql(query, rows);
    return jsonAnswer(200, {
      results,
      fieldMask: query.fields.join(','),
      requestId: 'simulated',
      queryResourceConsumption: '12',
    });
  }

  #refuses(
    request: SimRequest,
    grant: Grant,
    customer: Customer | undefined,
    version: number,
  ): AdsError | undefined {
    const direct = this.#direct(grant);
    const login = request.headers['login-customer-id'];
    const through = customer?.parent !== undefined && login === customer.parent && direct.includes(login);
    if (!customer || !(direct.includes(customer.id) || through)) {
      return { status: 'PERMISSION_DENIED', code: ['authorizationError', 'USER_PERMISSION_DENIED'] };
    }
    if (grant.weakSignIn)
      return {
        status: 'UNAUTHENTICATED',
        code: ['authenticationError', 'TWO_STEP_VERIFICATION_NOT_ENROLLED'],
      };
    if (this.#door.projectBroken('project_not_approved')) {
      const code =
        version >= 25 ? 'CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION' : 'DEVELOPER_TOKEN_NOT_APPROVED';
      return { status: 'PERMISSION_DENIED', code: ['authorizationError', code] };
    }
    if (this.#statusOf(customer) === 'ENABLED') return undefined;
    return { status: 'PERMISSION_DENIED', code: ['authorizationError', 'CUSTOMER_NOT_ENABLED'] };
  }

  #statusOf(customer: Customer): string {
    return this.#door.accountBroken('account_disabled', customer.id) ? 'CANCELED' : customer.status;
  }

  #rows(query: Gaql, customer: Customer) {
    if (query.resource === 'customer')
      return withMetrics(query, customer.id, this.#customerRow(customer), this.#door.now());
    if (query.resource !== 'customer_client') return undefined;
    const below = CUSTOMERS.filter(
      (candidate) => candidate.id === customer.id || candidate.parent === customer.id,
    );
    return below.map((client) => ({
      customerClient: {
        ...this.#customerRow(client),
        resourceName: `customers/${customer.id}/customerClients/${client.id}`,
        clientCustomer: `customers/${client.id}`,
        level: client.id === customer.id ? '0' : '1',
      },
    }));
  }

  #customerRow({
    id,
    manager,
    currencyCode,
    timeZone,
    descriptiveName,
    ...rest
  }: Customer): Record<string, unknown> {
    const status = this.#statusOf({ id, manager, currencyCode, timeZone, ...rest });
    return {
      resourceName: `customers/${id}`,
      id,
      manager,
      status,
      currencyCode,
      timeZone,
      descriptiveName,
      testAccount: false,
      hidden: false,
    };
  }
}

function adsError({ status, code: [kind, value], details }: AdsError, version: string | number): SimAnswer {
  const http = HTTP[status] ?? 400;
  const failure = {
    '@type': `type.googleapis.com/google.ads.googleads.v${version}.errors.GoogleAdsFailure`,
    errors: [
      {
        errorCode: { [kind]: value },
        message: `Simulated: ${value}`,
        ...(details === undefined ? {} : { details }),
      },
    ],
    requestId: 'simulated',
  };
  return jsonAnswer(http, {
    error: { code: http, message: 'Request contains an error.', status, details: [failure] },
  });
}

function wordsOf(refusal: Refusal, version: number): SimAnswer {
  if (refusal === 'expired')
    return adsError(
      { status: 'UNAUTHENTICATED', code: ['authenticationError', 'OAUTH_TOKEN_EXPIRED'] },
      version,
    );
  if (refusal === 'revoked')
    return adsError(
      { status: 'UNAUTHENTICATED', code: ['authenticationError', 'OAUTH_TOKEN_REVOKED'] },
      version,
    );
  if (refusal === 'quota') return quota('RESOURCE_EXHAUSTED', '3600s', version);
  if (refusal === 'rate') return quota('RESOURCE_TEMPORARILY_EXHAUSTED', '30s', version);
  return rpcError(REFUSALS[refusal]);
}

function quota(value: string, retryDelay: string, version: number): SimAnswer {
  const details = {
    quotaErrorDetails: { rateScope: 'ACCOUNT', rateName: 'Number of operations', retryDelay },
  };
  return adsError({ status: 'RESOURCE_EXHAUSTED', code: ['quotaError', value], details }, version);
}

/** The day's operations are used up; the wait stands in the body. */
export const adsQuotaSpent = (path: string, seconds: number): SimAnswer =>
  asAsked(path, quota('RESOURCE_EXHAUSTED', `${seconds}s`, 25));

export const adsRateLimited = (path: string): SimAnswer => asAsked(path, wordsOf('rate', 25));

/** A stream is a list of batches, and every refusal of it, also at the door, comes in such a list too. */
function asAsked(path: string, answer: SimAnswer): SimAnswer {
  return path.endsWith(':searchStream') ? { ...answer, body: `[${answer.body}]` } : answer;
}

function gone(): SimAnswer {
  const body =
    '<!DOCTYPE html><html lang="en"><title>Error 404 (Not Found)!!1</title><p>The requested URL was not found on this server.</p></html>';
  return { status: 404, headers: { 'content-type': 'text/html; charset=UTF-8' }, body };
}
