import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import ts from 'typescript';
import {
  filesBelow,
  type Import,
  lineOf,
  ROOT,
  readSource,
  type SourceFile,
  walk,
} from './support/sourceTree.ts';

const sources = filesBelow('src', '.ts').map(readSource);
const byPath = new Map(sources.map((source) => [source.path, source]));

/** Says every violation at once: a list of them is worth more than the first. */
function none(violations: readonly string[]): void {
  assert.equal(violations.length, 0, `${violations.length} found:\n${[...new Set(violations)].join('\n')}`);
}

// --- Who may import whom -------------------------------------------------------------------------------------------

interface Rule {
  /** Zones whose code may be used. A zone may always use itself. */
  readonly uses: readonly string[];
  /** Zones of which only types may be used. */
  readonly types?: readonly string[];
  /** Packages that may be used; absent: any. */
  readonly packages?: readonly string[];
}

const PLATFORM_PACKAGES = ['node:crypto', 'node:zlib', 'jose', 'oauth4webapi', 'zod'];
const RULES: Readonly<Record<string, Rule>> = {
  core: { uses: [], packages: [] },
  kit: { uses: ['core'], packages: PLATFORM_PACKAGES },
  platform: { uses: ['core', 'kit'], packages: PLATFORM_PACKAGES },
  index: { uses: ['core', 'kit', 'platform'], packages: [] },
  simulators: { uses: ['core', 'kit', 'platform'], packages: [] },
  registry: { uses: ['core', 'kit', 'platform', 'index'], packages: [] },
  store: { uses: ['core'] },
  vault: { uses: ['core'], types: ['store'] },
  wire: { uses: ['core'], types: ['kit'] },
  app: { uses: ['core', 'kit'], types: ['store', 'vault', 'wire', 'registry'], packages: ['node:crypto'] },
  keeper: { uses: ['core', 'app'], types: ['store'], packages: [] },
  notifier: { uses: ['core', 'app'], types: ['store'] },
  server: { uses: ['core', 'app'], types: ['store', 'kit', 'registry'] },
  simulator: {
    uses: ['core', 'kit', 'simulators', 'app'],
    types: ['store', 'vault', 'wire', 'registry', 'index', 'keeper', 'server', 'config'],
  },
  // A simulated world wires the same parts as main does, with other clocks, dice and networks.
  world: {
    uses: ['core', 'kit', 'simulators', 'registry', 'app', 'keeper', 'server', 'store', 'vault', 'simulator'],
  },
  config: { uses: ['environment'], packages: [] },
  environment: { uses: [], packages: ['node:net'] },
  obstacles: { uses: ['app', 'store'], types: ['config'] },
  greeting: { uses: [], types: ['main', 'config'] },
  sandboxKey: { uses: [], types: ['config'] },
  metrics: { uses: ['core'], types: ['app'], packages: ['prom-client'] },
  // `diagnose`, `sandbox` and `keys rotate` run without a server, in process.
  cli: { uses: ['main', 'config', 'sdk', 'core', 'app', 'index', 'registry', 'vault', 'simulator', 'world'] },
};

/** The part of the house that a file belongs to; null: main, which may use everything. */
function zoneOf(path: string): string | null {
  const [top, second, third] = path.split('/');
  if (top !== 'src') return top ?? null;
  if (second === 'platforms') {
    if (third === 'kit') return 'kit';
    return third?.endsWith('.ts') ? third.slice(0, -3) : 'platform';
  }
  if (second === 'simulator' && third === 'world') return 'world';
  if (second === 'main.ts') return 'main';
  return second?.replace(/\.ts$/, '') ?? null;
}

const folderOf = (path: string): string => path.split('/')[2] ?? '';

/** Products of one family share the folder of the family: `google-ads` may use `google`. */
const isFamily = (own: string, other: string): boolean => own === other || own.startsWith(`${other}-`);

function mayImport(source: SourceFile, wanted: Import): boolean {
  const zone = zoneOf(source.path);
  const rule = zone === null || zone === 'main' ? undefined : RULES[zone];
  if (!rule) return zone === 'main';
  if (wanted.target === null) return rule.packages?.includes(wanted.specifier) ?? true;
  const target = zoneOf(wanted.target) ?? '';
  if (zone === 'platform' && target === 'platform')
    return isFamily(folderOf(source.path), folderOf(wanted.target));
  if (target === zone || rule.uses.includes(target)) return true;
  if (wanted.typeOnly) return rule.types?.includes(target) ?? false;
  return zone === 'app' && isStoreError(wanted);
}

/** The verbs tell apart what went wrong in the store: its error classes are part of its interface. */
function isStoreError({ target, names }: Import): boolean {
  return (
    target !== null &&
    zoneOf(target) === 'store' &&
    names.length > 0 &&
    names.every((name) => name.endsWith('Error'))
  );
}

describe('the house', () => {
  it('has imports along its arrows only', () => {
    none(
      sources.flatMap((source) =>
        source.imports
          .filter((wanted) => !mayImport(source, wanted))
          .map(
            (wanted) =>
              `${source.path} imports ${wanted.typeOnly ? 'types of ' : ''}${wanted.target ?? wanted.specifier}`,
          ),
      ),
    );
  });

  it('has no import that leads nowhere', () => {
    const targets = sources.flatMap(({ path, imports }) => imports.map(({ target }) => ({ path, target })));
    none(
      targets
        .filter(({ target }) => target !== null && !existsSync(join(ROOT, target)))
        .map(({ path, target }) => `${path}: ${target}`),
    );
  });

  it('has a rule for every room', () => {
    none(
      sources.map(({ path }) => zoneOf(path) ?? path).filter((zone) => zone !== 'main' && !(zone in RULES)),
    );
  });

  it('has a simulator in each platform’s folder that shares none of the product’s beliefs', () => {
    const violations: string[] = [];
    for (const { path } of sources.filter((source) => isSimulator(source.path))) {
      for (const reached of reachedFrom([path])) {
        const shared = zoneOf(reached) === 'platform' && !isSimulator(reached);
        if (shared) violations.push(`${path} comes to use ${reached}`);
      }
    }
    none(violations);
  });

  it('has no dead files: each is reached from an entry', () => {
    const reached = reachedFrom(entries());
    none(sources.map(({ path }) => path).filter((path) => !reached.has(path)));
  });
});

function isSimulator(path: string): boolean {
  return zoneOf(path) === 'platform' && /\/simulat/.test(path);
}

/** The files that these come to use, themselves among them. */
function reachedFrom(paths: readonly string[]): ReadonlySet<string> {
  const reached = new Set(paths);
  for (const path of reached) {
    const source =
      byPath.get(path) ??
      (existsSync(join(ROOT, path)) && path.endsWith('.ts') ? readSource(path) : undefined);
    for (const { target } of source?.imports ?? []) if (target !== null) reached.add(target);
  }
  return reached;
}

function entries(): readonly string[] {
  const benches = existsSync(join(ROOT, 'bench')) ? filesBelow('bench', '.ts') : [];
  return ['src/main.ts', 'src/cli/main.ts', ...benches].filter((path) => existsSync(join(ROOT, path)));
}

// --- Names of platforms --------------------------------------------------------------------------------------------

/** Words by which people call the platforms, and the folders where each may be said. */
const NAMES: readonly { readonly words: RegExp; readonly folders: RegExp }[] = [
  { words: /\b(meta|facebook)\b/, folders: /^meta$/ },
  { words: /\blinked ?in\b/, folders: /^linkedin$/ },
  { words: /\btik ?tok\b/, folders: /^tiktok$/ },
  { words: /\b(google|cm ?360|dv ?360)\b/, folders: /^google(-|$)/ },
  { words: /\bsnap ?chat\b/, folders: /^snapchat$/ },
  { words: /\bpinterest\b/, folders: /^pinterest$/ },
  { words: /\bamazon\b/, folders: /^amazon-ads$/ },
  { words: /\b(the )?trade ?desk\b/, folders: /^trade-desk$/ },
];
const INDEXES = ['src/platforms/index.ts', 'src/platforms/simulators.ts'];

/** Identifiers and strings as lower-case words: `simulateTradeDesk` is "simulate trade desk". HTML's own `<meta>` is not meant. */
function wordsIn(node: ts.Node): string | null {
  if (isOtherMeta(node)) return null;
  if (
    !ts.isIdentifier(node) &&
    !ts.isLiteralExpression(node) &&
    !ts.isTemplateMiddleOrTemplateTail(node) &&
    !ts.isTemplateHead(node)
  ) {
    return null;
  }
  return node.text
    .replace(/<meta /g, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_-]/g, ' ')
    .toLowerCase();
}

/** `import.meta`, and the method of the schema library: a word of the language, not the platform's name. */
function isOtherMeta(node: ts.Node): boolean {
  const { parent } = node;
  if (parent === undefined) return false;
  if (ts.isMetaProperty(parent)) return true;
  return (
    ts.isPropertyAccessExpression(parent) &&
    parent.name === node &&
    parent.name.text === 'meta' &&
    ts.isCallExpression(parent.parent)
  );
}

describe('a platform’s name', () => {
  it('stands in its own folder and in the two indexes, and nowhere else', () => {
    const violations: string[] = [];
    for (const { path, tree } of sources) {
      if (INDEXES.includes(path)) continue;
      const folder = zoneOf(path) === 'platform' ? folderOf(path) : '';
      walk(tree, (node) => {
        const words = wordsIn(node);
        if (words === null) return;
        const said = NAMES.find((name) => name.words.test(words) && !name.folders.test(folder));
        if (said) violations.push(`${path}:${lineOf(tree, node)} ${words.slice(0, 80)}`);
      });
    }
    none(violations);
  });

  it('stands in no SQL', () => {
    const said = (path: string) =>
      NAMES.some(({ words }) => words.test(readFileSync(join(ROOT, path), 'utf8').toLowerCase()));
    none(filesBelow('src', '.sql').filter(said));
  });
});

// --- Time, chance and environment are parameters -------------------------------------------------------------------

/** The edges: each with the reason why it may. Everything else is given time and chance as parameters. */
const EDGES: readonly {
  readonly path: RegExp;
  readonly kinds: readonly string[];
  readonly reason: string;
}[] = [
  {
    path: /^src\/main\.ts$/,
    kinds: ['clock', 'timer', 'chance', 'environment'],
    reason: 'the one place that wires the real world',
  },
  {
    path: /^src\/cli\//,
    kinds: ['clock', 'timer', 'chance', 'environment'],
    reason: 'a process of its own, at a person’s terminal',
  },
  {
    path: /^src\/wire\/call\.ts$/,
    kinds: ['timer'],
    reason: 'ends a real call that a platform leaves hanging; decides nothing',
  },
  {
    path: /^src\/simulator\/sandbox\.ts$/,
    kinds: ['timer'],
    reason: 'frees the socket of a call that is meant to hang, over real HTTP',
  },
  {
    path: /^src\/simulator\/deliver\.ts$/,
    kinds: ['timer'],
    reason: 'ends a push to a real receiver that stays silent',
  },
  {
    path: /^src\/platforms\/google\/simulated\/keys\.ts$/,
    kinds: ['chance'],
    reason:
      'RSA keys cannot be made from a seed, and none may stand in the source; no decision depends on them',
  },
];

const MEMBERS: Readonly<Record<string, string>> = {
  'Date.now': 'clock',
  'performance.now': 'clock',
  'performance.timeOrigin': 'clock',
  'process.hrtime': 'clock',
  'process.uptime': 'clock',
  'AbortSignal.timeout': 'timer',
  'Math.random': 'chance',
  'crypto.randomUUID': 'chance',
  'crypto.getRandomValues': 'chance',
  'crypto.randomBytes': 'chance',
  'process.env': 'environment',
};
const TIMERS = ['setTimeout', 'setInterval'];
const CHANCE = /^(random(UUID|Bytes|Int|Fill|FillSync)|getRandomValues|webcrypto|generateKey(Pair)?(Sync)?)$/;

/** What a node takes from the world around it; undefined: nothing. */
function ambient(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
    return MEMBERS[`${node.expression.text}.${node.name.text}`];
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length)
    return 'clock';
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return undefined;
  if (node.expression.text === 'Date') return 'clock';
  return TIMERS.includes(node.expression.text) ? 'timer' : undefined;
}

function ambientImports({ imports }: SourceFile): readonly string[] {
  return imports.flatMap(({ specifier, names, typeOnly }) => {
    if (typeOnly) return [];
    if (/^(node:)?timers/.test(specifier)) return ['timer'];
    if (/^(node:)?perf_hooks$/.test(specifier)) return ['clock'];
    if (/^(node:)?crypto$/.test(specifier))
      return names.filter((name) => CHANCE.test(name)).map(() => 'chance');
    return names.includes('env') && /^(node:)?process$/.test(specifier) ? ['environment'] : [];
  });
}

describe('time, chance and the environment', () => {
  it('come in as parameters everywhere but at the edges', () => {
    const violations: string[] = [];
    for (const source of sources) {
      const allowed = EDGES.filter(({ path }) => path.test(source.path)).flatMap(({ kinds }) => kinds);
      for (const kind of ambientImports(source))
        if (!allowed.includes(kind)) violations.push(`${source.path} imports ${kind}`);
      walk(source.tree, (node) => {
        const kind = ambient(node);
        if (kind === undefined || allowed.includes(kind)) return;
        violations.push(
          `${source.path}:${lineOf(source.tree, node)} ${kind}: ${node.getText().slice(0, 60)}`,
        );
      });
    }
    none(violations);
  });

  it('have no edge that is not there', () => {
    const idle = EDGES.filter(({ path }) => !sources.some((source) => path.test(source.path)));
    none(idle.map(({ path }) => path.source).filter((path) => !path.includes('cli')));
  });

  it('do not come in through the database', () => {
    const banned =
      /\b(now|random|gen_random_uuid|uuidv[47]|clock_timestamp|statement_timestamp|transaction_timestamp)\s*\(|\b(current|local)_?(timestamp|date|time)\b/i;
    const violations = filesBelow('src', '.sql').filter((path) =>
      banned.test(withoutRemarks(readFileSync(join(ROOT, path), 'utf8'))),
    );
    for (const { path, tree } of sources.filter((source) => source.path.startsWith('src/store/'))) {
      walk(tree, (node) => {
        if (
          !ts.isLiteralExpression(node) &&
          !ts.isTemplateHead(node) &&
          !ts.isTemplateMiddleOrTemplateTail(node)
        )
          return;
        if (banned.test(node.text))
          violations.push(`${path}:${lineOf(tree, node)} ${node.text.slice(0, 60)}`);
      });
    }
    none(violations);
  });
});

const withoutRemarks = (sql: string): string => sql.replace(/--.*$/gm, '');

// --- Sizes ---------------------------------------------------------------------------------------------------------

const LONGEST_FUNCTION = 70;
const LONGEST_FILE = 400;
const LARGEST_CORE = 1_500;

describe('sizes', () => {
  it('let every function be seen at once', () => {
    const violations: string[] = [];
    for (const { path, tree } of sources) {
      walk(tree, (node) => {
        if (!ts.isFunctionLike(node)) return;
        const lines = tree.getLineAndCharacterOfPosition(node.end).line - lineOf(tree, node) + 2;
        if (lines > LONGEST_FUNCTION) violations.push(`${path}:${lineOf(tree, node)} ${lines} lines`);
      });
    }
    none(violations);
  });

  it('let every file be read in one go', () => {
    none(
      sources.filter(({ lines }) => lines > LONGEST_FILE).map(({ path, lines }) => `${path} ${lines} lines`),
    );
  });

  it('keep the core small', () => {
    const core = sources.filter(({ path }) => zoneOf(path) === 'core');
    const lines = core.reduce((sum, source) => sum + source.lines, 0);
    assert.ok(lines <= LARGEST_CORE, `${lines} lines`);
  });
});

// --- Words in files ------------------------------------------------------------------------------------------------

const NOT_OURS = /^(package-lock\.json|LICENSE)$|\.(png|ico|woff2|gif|wasm)$|\.gen\.ts$/;
const texts = keptFiles()
  .filter((path) => !NOT_OURS.test(path) && statSync(join(ROOT, path), { throwIfNoEntry: false })?.isFile())
  .map((path) => ({ path, lines: readFileSync(join(ROOT, path), 'utf8').split('\n') }));

/** Every file that is kept in the repository, or is about to be. */
function keptFiles(): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return listed.split('\0').filter((path) => path !== '');
}

function linesWith(banned: RegExp): readonly string[] {
  return texts.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) =>
      banned.test(line) ? [`${path}:${index + 1} ${line.trim().slice(0, 100)}`] : [],
    ),
  );
}

/** Written apart, so that this file does not find itself. */
const oneOf = (...parts: readonly (readonly [string, string])[]): string =>
  parts.map((pair) => pair.join('')).join('|');

describe('every file', () => {
  it('is finished', () => {
    none(linesWith(new RegExp(`\\b(${oneOf(['TO', 'DO'], ['FIX', 'ME'], ['XX', 'X'])})\\b`)));
  });

  it('knows no machine on which it was written', () => {
    const places = oneOf(
      ['/wo', 'rk/'],
      ['/ro', 'ot/'],
      ['/tmp/', 'bash'],
      ['/ho', 'me/[a-z]'],
      ['/Us', 'ers/[a-z]'],
    );
    none(linesWith(new RegExp(`(^|[\\s"'\`=(:])(${places})`)));
  });

  it('names no package registry but the public one', () => {
    const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
    const hosts = [...lock.matchAll(/"resolved": "(https?:\/\/[^/"]+)/g)].map((match) => match[1]!);
    none(hosts.filter((host) => host !== 'https://registry.npmjs.org'));
    none(linesWith(/^\s*(@[a-z-]+:)?registry\s*=/));
  });
});

describe('documents', () => {
  const documents = texts.filter(({ path }) =>
    /^(README|ARCHITECTURE|CONTRIBUTING|SECURITY)\.md$|^docs\/.*\.md$|^src\/.*\.md$/.test(path),
  );

  it('name only paths that exist', () => {
    const violations: string[] = [];
    for (const { path, lines } of documents) {
      for (const named of pathsIn(lines.join('\n'))) {
        const found = [named, join(dirname(path), named)].some((candidate) =>
          existsSync(join(ROOT, candidate)),
        );
        if (!found) violations.push(`${path}: ${named}`);
      }
    }
    none(violations);
  });
});

/** Paths in code spans that begin with one of our folders, and relative links. Patterns and places to fill in are none. */
function pathsIn(text: string): readonly string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');
  const spans = [...prose.matchAll(/`((?:src|tests|docs|bench|sdk|web)\/[^`\s]*)`/g)].map(
    (match) => match[1]!,
  );
  const links = [...prose.matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)[^)]*\)/g)].map((match) => match[1]!);
  return [...spans, ...links]
    .filter((named) => !/[<>*{}…$]|\.\.\./.test(named))
    .map((named) => named.replace(/:\d+$/, ''));
}
