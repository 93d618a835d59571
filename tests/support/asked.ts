import assert from 'node:assert/strict';
import type { TestSandbox } from './sandbox.ts';

export interface Heard {
  readonly status: number;
  readonly headers: Headers;
  /** The body as it came. */
  readonly bytes: Buffer;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they expect.
  readonly json: any;
}

/** Asks a simulated platform over real HTTP at the address that it has in life. A body goes as JSON. */
export async function ask(
  { url }: TestSandbox,
  address: string,
  headers: Record<string, string> = {},
  body?: object,
  method = body === undefined ? 'GET' : 'POST',
): Promise<Heard> {
  const told = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(address.replace('https://', `${url}/`), {
    method,
    headers,
    redirect: 'manual',
    ...told,
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const text = bytes.toString('utf8');
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
  return {
    status: answer.status,
    headers: answer.headers,
    bytes,
    text,
    json: isJson && text ? JSON.parse(text) : null,
  };
}

/**
 * A person (by mail address; else the first) signs in and allows what is asked; the access token that comes of it. `basic`:
 * the app shows itself in a header.
 */
export async function accessToken(
  sandbox: TestSandbox,
  platform: string,
  pages: { readonly authorize: string; readonly token: string; readonly basic?: boolean },
  scope: string,
  person?: string,
): Promise<string> {
  const { app, people } = await sandbox.control('GET', platform);
  const id = people.find((one: { email: string }) => one.email === person)?.id;
  const query = new URLSearchParams({
    client_id: app.client_id,
    redirect_uri: 'https://app.example/back',
    response_type: 'code',
    access_type: 'offline',
    scope,
  });
  const consent = { 'x-simulated-consent': 'allow', ...(id ? { 'x-simulated-person': id } : {}) };
  const consented = await ask(sandbox, `${pages.authorize}?${query}`, consent);
  const code = new URL(consented.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const basic = Buffer.from(`${app.client_id}:${app.client_secret}`).toString('base64');
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: 'https://app.example/back',
    client_id: app.client_id,
    client_secret: app.client_secret,
  });
  const answer = await fetch(pages.token.replace('https://', `${sandbox.url}/`), {
    method: 'POST',
    body: form,
    headers: pages.basic ? { authorization: `Basic ${basic}` } : {},
  });
  const { access_token: token } = (await answer.json()) as { access_token?: string };
  assert.ok(token, `no access token from ${platform}`);
  return token;
}
