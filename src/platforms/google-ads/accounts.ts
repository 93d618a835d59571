import {
  at,
  type PlatformAnswer,
  parseJson,
  type ReadAnswer,
  readAnswer,
  textAt,
} from '../../core/answer.ts';
import { listAt } from '../google/answers.ts';
import { callHeaders } from '../google/userLogin.ts';
import type { AdAccount, AppConfig, Held, Io, Listing } from '../kit/adapter.ts';
import { succeeded } from '../kit/oauth.ts';
import { get, jsonPost } from '../kit/request.ts';
import { errorCodes } from './checks.ts';

const VERSION = 'v25';
/** Each directly reachable customer costs one operation of the project's daily allowance. */
const MAX_ROOTS = 100;

const HIERARCHY = `SELECT ${[
  'id',
  'descriptive_name',
  'status',
  'manager',
  'level',
  'currency_code',
  'time_zone',
]
  .map((field) => `customer_client.${field}`)
  .join(', ')} FROM customer_client`;

/** Versions end about once a year: the operator can move on before a new Evergrant does. */
export function baseUrl(app: AppConfig): string {
  const version = app.settings.api_version;
  return `https://googleads.googleapis.com/${typeof version === 'string' && /^v\d+$/.test(version) ? version : VERSION}`;
}

/** The customers that this identity is a user of, and below its managers everything they manage. */
export async function accounts(io: Io, app: AppConfig, held: Held): Promise<Listing> {
  const headers = callHeaders(app, held);
  const listed = await io.send(get('api', `${baseUrl(app)}/customers:listAccessibleCustomers`, {}, headers));
  if (!succeeded(listed)) return { ok: false, answer: listed };
  const found = new Map<string, AdAccount>();
  const refused: Refused[] = [];
  for (const root of customerIds(listed.body)) {
    const url = `${baseUrl(app)}/customers/${root}/googleAds:searchStream`;
    const answer = await io.send(jsonPost('api', url, { query: HIERARCHY }, headers));
    if (succeeded(answer)) {
      for (const account of readHierarchy(root, answer.body)) add(found, account);
      continue;
    }
    const status = statusOfRefusal(answer);
    if (status === undefined) return { ok: false, answer };
    refused.push({ root, status, answer });
  }
  return withRefused(found, refused);
}

interface Refused {
  readonly root: string;
  readonly status: AdAccount['status'];
  readonly answer: PlatformAnswer;
}

function customerIds(body: string): readonly string[] {
  const names = listAt(parseJson(body), 'resourceNames');
  return names.map((name) => String(name).replace('customers/', '')).slice(0, MAX_ROOTS);
}

/** An account that is reached directly needs no manager, so that row wins. */
function add(found: Map<string, AdAccount>, account: AdAccount): void {
  const known = found.get(account.id);
  if (known === undefined || reachedThrough(known)) found.set(account.id, account);
}

const LOGIN = 'login-customer-id ';
const reachedThrough = (account: AdAccount): boolean =>
  account.permissions.some((text) => text.startsWith(LOGIN));

const STATUSES: Readonly<Record<string, AdAccount['status']>> = {
  ENABLED: 'active',
  SUSPENDED: 'disabled',
  CANCELED: 'closed',
  CLOSED: 'closed',
};

/** searchStream answers a list of batches; 64-bit numbers are text, and empty fields are left out. */
function readHierarchy(root: string, body: string): readonly AdAccount[] {
  const batches = parseJson(body);
  return listAt(batches).flatMap((batch) =>
    listAt(batch, 'results').map((row) => {
      const client = at(row, 'customerClient');
      const id = textAt(client, 'id') ?? '';
      return {
        id,
        name: textAt(client, 'descriptiveName') || unnamed(id),
        status: STATUSES[textAt(client, 'status') ?? ''] ?? 'unknown',
        currency: textAt(client, 'currencyCode') ?? null,
        timezone: textAt(client, 'timeZone') ?? null,
        permissions: [
          ...(at(client, 'manager') === true ? ['manager'] : []),
          ...(id === root ? [] : [`${LOGIN}${root}`]),
        ],
      };
    }),
  );
}

const unnamed = (id: string): string => `Customer ${id.replace(/^(\d{3})(\d{3})(\d{4})$/, '$1-$2-$3')}`;

/** Refusals that concern one customer alone; any other fails the whole inventory. */
const REFUSALS: Readonly<Record<string, AdAccount['status']>> = {
  'authorizationError.CUSTOMER_NOT_ENABLED': 'disabled',
  'authorizationError.ACTION_NOT_PERMITTED_FOR_SUSPENDED_ACCOUNT': 'disabled',
  'authorizationError.INCOMPLETE_SIGNUP': 'limited',
  'authorizationError.USER_PERMISSION_DENIED': 'unknown',
  'authenticationError.CUSTOMER_NOT_FOUND': 'unknown',
  'authenticationError.TWO_STEP_VERIFICATION_NOT_ENROLLED': 'unknown',
  'authenticationError.ADVANCED_PROTECTION_NOT_ENROLLED': 'unknown',
};

function statusOfRefusal(answer: PlatformAnswer): AdAccount['status'] | undefined {
  if (answer.kind !== 'answer') return undefined;
  const read: ReadAnswer = readAnswer(answer);
  return errorCodes(read)
    .map((code) => REFUSALS[code])
    .find((status) => status !== undefined);
}

/** Where nothing at all can be read, the refusal is the result: it says why. A disabled account is one to show. */
function withRefused(found: Map<string, AdAccount>, refused: readonly Refused[]): Listing {
  const telling = refused.find(({ status }) => status === 'unknown');
  if (found.size === 0 && telling) return { ok: false, answer: telling.answer };
  const untold = refused.filter(({ root }) => !found.has(root));
  for (const { root: id, status } of untold)
    found.set(id, { id, name: unnamed(id), status, currency: null, timezone: null, permissions: [] });
  const told = untold.map(({ root: id, answer }) => ({ id, answer }));
  return { ok: true, value: [...found.values()], refused: told };
}
