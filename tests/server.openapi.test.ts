import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ApiUser, openTestServer, type TestServer } from './support/server.ts';
import { apiOperations, bodyOf, operations } from './support/serverDocument.ts';

// biome-ignore lint/suspicious/noExplicitAny: the document is read as the JSON that it is.
type Loose = any;

let server: TestServer;
let document: Loose;
let user: ApiUser;

before(async () => {
  server = await openTestServer();
  user = await server.user();
  document = await (await fetch(`${server.url}/openapi.json`)).json();
});
after(() => server.close());

describe('The OpenAPI document', () => {
  it('is whole: every reference resolves, every operation has a name of its own', () => {
    assert.equal(document.openapi, '3.1.0');
    const refs = JSON.stringify(document).match(/"\$ref":"[^"]+"/g) ?? [];
    assert.ok(refs.length > 50);
    for (const ref of refs) {
      const name = /#\/components\/schemas\/(\w+)"/.exec(ref)?.[1];
      assert.ok(name && document.components.schemas[name], ref);
    }
    const names = operations(document).map(({ operation }) => operation.operationId);
    assert.equal(new Set(names).size, names.length);
    for (const { path, operation } of operations(document)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      const declared = operation.parameters
        .filter((one: Loose) => one.in === 'path')
        .map((one: Loose) => one.name);
      assert.deepEqual(declared, inPath, path);
      assert.ok(operation.summary && Object.keys(operation.responses).length > 0);
    }
  });

  it('holds every route that the server has, and no other', () => {
    const listed = operations(document).map(
      ({ path, method }) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
    );
    for (const route of listed) {
      const [method, url] = route.split(' ') as ['GET', string];
      assert.ok(server.server.hasRoute({ method, url }), route);
    }
    const printed = server.server.printRoutes({ commonPrefix: false });
    const registered = printed.match(/\((?:GET|POST|PATCH|DELETE|HEAD)[^)]*\)/g) ?? [];
    const count = registered.flatMap((methods) => methods.slice(1, -1).split(', ')).length;
    assert.equal(count, listed.length);
  });

  it('gives examples that its own schemas take', async () => {
    for (const one of apiOperations(document)) {
      const body = bodyOf(one);
      if (one.operation.requestBody) assert.ok(body, `an example for ${one.operation.operationId}`);
      if (!body) continue;
      const answer = await user.call(one.method, one.path.replace('{id}', 'nothing'), { body });
      assert.ok(!answer.json?.errors, `${one.operation.operationId}: ${answer.text}`);
    }
  });

  it('is readable without anything from elsewhere', async () => {
    const docs = await server.browser().visit('/docs');
    assert.equal(docs.status, 200);
    assert.ok(docs.text.includes('/v1/connections/{id}/token') && docs.text.includes('min_ttl'));
    assert.doesNotMatch(docs.text, /<script|<link(?! rel="icon" href="data:)|src=|@import|url\(/);
    for (const { operation } of apiOperations(document))
      assert.ok(docs.text.includes(`id="${operation.operationId}"`));
    assert.equal((await server.browser().visit('/problems/reauthorization_required')).status, 200);
  });

  it('begins with its contents: each operation in its group, by method and summary, and each entry leads to it', async () => {
    const { text } = await server.browser().visit('/docs');
    const from = text.indexOf('<nav class="card contents"');
    const contents = text.slice(from, text.indexOf('</nav>', from));
    for (const { method, path, operation } of operations(document)) {
      if (method === 'HEAD') continue;
      const group = contents.slice(contents.indexOf(`>${operation.tags[0]}</a>`));
      const entry = `<a href="#${operation.operationId}"><span class="verb">${method}</span> ${operation.summary.replaceAll('`', '')}</a>`;
      assert.ok(group.replaceAll(/<\/?code>/g, '').includes(entry), `${method} ${path}`);
    }
    const targets = new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, target] of text.matchAll(/href="#([^"]+)"/g)) assert.ok(targets.has(target), target);
  });

  it('says of each parameter in a path which one is meant, and of each id where it is found, and so does its page', async () => {
    const { text } = await server.browser().visit('/docs');
    const known = new Set(Object.keys(document.paths));
    for (const { path, method, operation } of operations(document))
      for (const { name, in: where, description } of operation.parameters) {
        if (where !== 'path') continue;
        assert.ok(description, `${name} of ${method} ${path}`);
        assert.doesNotMatch(description, /\n/);
        const from = text.indexOf(`id="${operation.operationId}"`);
        const card = text.slice(from, text.indexOf('</article>', from)).replaceAll(/<\/?code>/g, '');
        assert.ok(card.includes(description.replaceAll('`', '')), `${method} ${path}`);
        const [, found] = /`(?:GET|POST) (\/v1\/[^`]+)`/.exec(description) ?? [];
        assert.ok(found === undefined || known.has(found), `${found} is a route`);
        if (path.startsWith('/v1/')) assert.match(description, /GET \/v1\/|POST \/v1\//);
      }
  });

  it('says of each query parameter what it means, and its page which words it takes', async () => {
    for (const { path, operation } of apiOperations(document))
      for (const { name, in: where, description } of operation.parameters)
        if (where === 'query') assert.ok(description, `${name} of ${path}`);
    const { text } = await server.browser().visit('/docs');
    const from = text.indexOf('id="listConnections"');
    const card = text.slice(from, text.indexOf('</article>', from));
    for (const word of document.components.schemas.State.enum)
      assert.ok(card.includes(`<code>${word}</code>`), word);
  });

  it('promises no more of min_ttl than a platform whose tokens live shorter lets it keep', () => {
    const { parameters } = document.paths['/v1/connections/{id}/token'].get;
    const { description } = parameters.find((one: Loose) => one.name === 'min_ttl');
    assert.match(description, /no promise.*live shorter.*freshest/);
    assert.doesNotMatch(description, /must/);
  });

  it('shows its texts as they are meant', async () => {
    const { text } = await server.browser().visit('/docs');
    assert.doesNotMatch(text.slice(text.indexOf('<main')), /`|&#96;/);
    assert.match(text, /<code>min_ttl<\/code> seconds/);
  });

  it('is written in paragraphs and code in backticks alone, which is the Markdown that its page reads', () => {
    const texts: string[] = [];
    JSON.stringify(document, (key, value) => {
      if ((key === 'description' || key === 'summary') && typeof value === 'string') texts.push(value);
      return key.startsWith('example') ? undefined : value;
    });
    assert.ok(texts.length > 300);
    for (const text of texts) {
      assert.equal(text.split('`').length % 2, 1, `a backtick without its other: ${text}`);
      const words = text.replaceAll(/`[^`]*`/g, '');
      assert.doesNotMatch(words, /\*|\]\(|<\w|^\s*(#|>|[-+] |\d+[.)] )|\b_\w+_\b|\|/m, text);
    }
  });
});
