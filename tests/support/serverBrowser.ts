export interface Landing {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** Every address on the way, the last one included. */
  readonly trail: readonly string[];
}

const MOST_REDIRECTS = 15;

/** As much of a browser as a sign-in needs: cookies with their paths, redirects, forms. No scripts. */
export class Browser {
  readonly cookies = new Map<string, { value: string; path: string; attributes: string }>();
  readonly #serverUrl: string;
  readonly #publicUrl: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param publicUrl The name under which the server is known; it is reached at `serverUrl`. */
  constructor(serverUrl: string, publicUrl: string, headers: Readonly<Record<string, string>>) {
    this.#serverUrl = serverUrl;
    this.#publicUrl = publicUrl;
    this.#headers = headers;
  }

  /** Opens an address and follows where it leads, unless `follow` says not to. */
  async visit(address: string, follow: (location: string) => boolean = () => true): Promise<Landing> {
    return this.#go(address, { method: 'GET' }, follow);
  }

  /** Sends a form. */
  async submit(
    address: string,
    fields: Readonly<Record<string, string>>,
    headers: Record<string, string> = {},
  ): Promise<Landing> {
    return this.#go(address, { method: 'POST', body: new URLSearchParams(fields), headers }, () => true);
  }

  async #go(address: string, first: RequestInit, follow: (location: string) => boolean): Promise<Landing> {
    const trail: string[] = [];
    let init = first;
    let here = address;
    for (let hop = 0; hop < MOST_REDIRECTS; hop += 1) {
      trail.push(here);
      const answer = await this.#ask(here, init);
      const text = await answer.text();
      const location = answer.headers.get('location');
      const next = location === null ? null : new URL(location, this.#public(here)).href;
      if (next === null || !follow(next)) {
        if (next !== null) trail.push(next);
        return { status: answer.status, text, headers: answer.headers, trail };
      }
      here = next;
      init = { method: 'GET' };
    }
    throw new Error(`Too many redirects: ${trail.join(' -> ')}`);
  }

  #public(address: string): string {
    return address.startsWith('/') ? `${this.#publicUrl}${address}` : address;
  }

  async #ask(address: string, init: RequestInit): Promise<Response> {
    const url = new URL(this.#public(address).replace(this.#publicUrl, this.#serverUrl));
    const own = url.href.startsWith(this.#serverUrl);
    const cookie = own ? this.#cookiesFor(url.pathname) : '';
    const headers = {
      ...this.#headers,
      ...(init.headers as Record<string, string>),
      ...(cookie === '' ? {} : { cookie }),
    };
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' });
    if (own) for (const line of answer.headers.getSetCookie()) this.#keep(line);
    return answer;
  }

  #cookiesFor(path: string): string {
    const fitting = [...this.cookies].filter(([, cookie]) => path.startsWith(cookie.path));
    return fitting.map(([name, { value }]) => `${name}=${value}`).join('; ');
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const [name = '', value = ''] = pair.split('=');
    if (attributes.includes('Max-Age=0')) this.cookies.delete(name);
    else {
      const path = attributes.find((one) => one.startsWith('Path='))?.slice(5) ?? '/';
      this.cookies.set(name, { value, path, attributes: attributes.join('; ') });
    }
  }
}
