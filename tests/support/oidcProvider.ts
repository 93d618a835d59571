import { generateKeyPairSync } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import type { Gate } from './gate.ts';

export const REDIRECT_URI = 'https://evergrant.example/oauth/callback/declared';
export const CLIENT = { id: 'evergrant-test', secret: 'a-secret-of-more-than-thirty-two-letters' };
export interface ProviderOptions {
  /** Stands in front: the provider is known, and reached, by its address. */
  readonly gate?: Gate;
  /** Longer for tests whose clock runs ahead of the provider's. Default 3,600. */
  readonly idTokenSeconds?: number;
}

const MOST_STEPS = 12;

export interface RunningProvider {
  readonly issuer: string;
  /** The person at the sign-in page: signs in, allows everything, and brings the callback's query back. */
  readonly authorize: (url: string, login?: string) => Promise<URLSearchParams>;
  /** Withdraws the whole grant behind a refresh token, as a person does at the server's own pages. */
  readonly withdraw: (refreshToken: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * A certified OpenID Provider in this process: refresh tokens rotate, and using one twice ends the whole family. */
export async function startOidcProvider(
  client: Record<string, unknown> = {},
  { gate, idTokenSeconds = 3600 }: ProviderOptions = {},
): Promise<RunningProvider> {
  let listener: RequestListener = (_request, response) => response.writeHead(503).end();
  const server = createServer((request, response) => listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  gate?.leadTo(own);
  const issuer = gate?.url ?? own;
  const provider = quietly(() => new Provider(issuer, configuration(client, idTokenSeconds)));
  listener = provider.callback();
  return {
    issuer,
    authorize: (url, login = 'ida') => walk(url, login),
    withdraw: async (refreshToken) => {
      const token = await provider.RefreshToken.find(refreshToken);
      await (await provider.Grant.find(token?.grantId ?? ''))?.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The provider warns about its development settings; here they are meant. */
function quietly<T>(make: () => T): T {
  const { warn, info } = console;
  console.warn = console.info = () => undefined;
  try {
    return make();
  } finally {
    Object.assign(console, { warn, info });
  }
}

function configuration(client: Record<string, unknown>, idTokenSeconds: number) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [REDIRECT_URI],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        ...client,
      },
    ],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    cookies: { keys: ['only for tests'] },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'signing' }] },
    scopes: ['openid', 'offline_access', 'profile', 'email', 'reports'],
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    rotateRefreshToken: true,
    expiresWithSession: () => false,
    ttl: {
      AccessToken: 3600,
      RefreshToken: 30 * 24 * 3600,
      IdToken: idTokenSeconds,
      Grant: 30 * 24 * 3600,
      Interaction: 600,
      Session: 600,
    },
    findAccount: (_context: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, name: 'Ida Sommer', email: `${sub}@example.org` }),
    }),
    features: {
      devInteractions: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
    },
  };
}

/** Follows redirects by hand and fills in the forms, until the address is no longer the server's. */
async function walk(start: string, login: string): Promise<URLSearchParams> {
  const cookies = new Map<string, { value: string; path: string }>();
  const { origin } = new URL(start);
  let response = await visit(start, cookies);
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const location = response.headers.get('location');
    if (location === null) response = await submit(await response.text(), cookies, login);
    else {
      const next = new URL(location, origin);
      if (next.origin !== origin) return next.searchParams;
      response = await visit(next.href, cookies);
    }
  }
  throw new Error('The sign-in did not come to an end.');
}

async function submit(
  page: string,
  cookies: Map<string, { value: string; path: string }>,
  login: string,
): Promise<Response> {
  const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1];
  const prompt = /name="prompt" value="([^"]+)"/.exec(page)?.[1];
  if (!action || !prompt)
    throw new Error(`No form to fill in: ${page.replace(/<[^>]+>/g, ' ').slice(0, 500)}`);
  return visit(action, cookies, new URLSearchParams({ prompt, login, password: 'any' }));
}

async function visit(
  url: string,
  cookies: Map<string, { value: string; path: string }>,
  form?: URLSearchParams,
): Promise<Response> {
  const { pathname } = new URL(url);
  const cookie = [...cookies]
    .filter(([, { path }]) => pathname.startsWith(path))
    .map(([name, { value }]) => `${name}=${value}`);
  const headers = { accept: 'text/html', cookie: cookie.join('; ') };
  const response = await fetch(url, {
    method: form ? 'POST' : 'GET',
    headers,
    body: form,
    redirect: 'manual',
  });
  for (const line of response.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    cookies.set(name, { value, path: /path=([^;]+)/i.exec(line)?.[1] ?? '/' });
  }
  return response;
}
