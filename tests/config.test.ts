import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { readConfig } from '../src/config.ts';
import { SETTINGS, type SettingName } from '../src/environment.ts';

const configOf = (environment: Record<string, string | undefined>) => {
  const reading = readConfig(environment);
  assert.ok(reading.ok, JSON.stringify(reading));
  return reading.config;
};
const problemsOf = (environment: Record<string, string | undefined>) => {
  const reading = readConfig(environment);
  assert.ok(!reading.ok, 'it is refused');
  return reading.problems;
};

describe('the configuration', () => {
  it('needs nothing at all on one’s own machine', () => {
    assert.deepEqual(configOf({}), {
      port: 7070,
      host: '127.0.0.1',
      publicUrl: null,
      databaseUrl: null,
      dataDir: './data',
      masterKey: null,
      bootstrapApiKey: null,
      sandbox: false,
      sandboxPort: 7071,
      metricsToken: null,
      privateHosts: [],
      logLevel: 'info',
    });
  });

  it('takes what is set, and empty for not set', () => {
    const config = configOf({
      PORT: '8080',
      HOST: '0.0.0.0',
      EVERGRANT_PUBLIC_URL: 'https://grants.example.com//',
      DATABASE_URL: 'postgresql://u:p@db/evergrant',
      EVERGRANT_MASTER_KEY: 'ab'.repeat(32),
      EVERGRANT_BOOTSTRAP_API_KEY: '',
      EVERGRANT_DATA_DIR: '',
      EVERGRANT_SANDBOX: 'on',
    });
    assert.deepEqual(
      [config.port, config.publicUrl, config.sandbox, config.logLevel],
      [8080, 'https://grants.example.com', true, 'warn'],
    );
    assert.deepEqual([config.bootstrapApiKey, config.dataDir], [null, './data']);
  });

  it('reads which private hosts may be called, and takes nothing that is no host', () => {
    const list = ' Login.Intranet, 10.0.0.5:8443 ,[fd00::5],';
    const { privateHosts } = configOf({ EVERGRANT_ALLOW_PRIVATE_HOSTS: list });
    assert.deepEqual(privateHosts, ['login.intranet', '10.0.0.5:8443', '[fd00::5]']);
    for (const wrong of ['https://login.intranet', '10.0.0.0/8', '*.intranet', 'a b', 'x:y'])
      assert.match(
        problemsOf({ EVERGRANT_ALLOW_PRIVATE_HOSTS: wrong }).join(),
        /EVERGRANT_ALLOW_PRIVATE_HOSTS has as entry 1 something that is no host: it has to be host names/,
        wrong,
      );
  });

  it('passes over the rest of the environment', () => {
    assert.doesNotThrow(() => configOf({ PATH: '/usr/bin', EVERGRANT_UNHEARD_OF: 'x' }));
  });

  it('says which ports there are, and that the sandbox needs one of its own', () => {
    const wrong = {
      http: 'is not a whole number',
      99999: 'is too large',
      '-1': 'is not a whole number',
      '70.5': 'is not',
    };
    for (const [PORT, why] of Object.entries(wrong)) {
      const [problem = '', ...others] = problemsOf({ PORT });
      assert.deepEqual(others, []);
      assert.ok(problem.startsWith(`PORT ${why}`), problem);
      assert.ok(
        problem.endsWith('has to be a whole number from 0 to 65535 (0: any free port). Example: PORT=7070'),
      );
    }
    const same = { EVERGRANT_SANDBOX: 'on', PORT: '7071' };
    assert.match(problemsOf(same).join(), /^EVERGRANT_SANDBOX_PORT has to be another than PORT/);
    assert.doesNotThrow(() => configOf({ ...same, PORT: '0', EVERGRANT_SANDBOX_PORT: '0' }));
  });

  const WRONG: Readonly<Record<SettingName, readonly (readonly [value: string, why: string])[]>> = {
    PORT: [['http', 'is not a whole number']],
    HOST: [
      ['http://canary', 'is a whole address'],
      ['canary:8080', 'has a port in it, which goes into PORT'],
      ['[::1]', 'has brackets'],
      ['can ary', 'is no name'],
    ],
    EVERGRANT_PUBLIC_URL: [
      ['canary', 'is not a full address'],
      ['ftp://canary', 'does not begin with'],
      ['https://me:canary@x.example', 'has a user or a password'],
      ['https://x.example/?canary', 'has a query'],
    ],
    DATABASE_URL: [
      ['mysql://canary', 'does not begin with'],
      ['postgres://me:can/ary@db/x', 'cannot be read'],
    ],
    EVERGRANT_DATA_DIR: [['can\0ary', 'has a character in it']],
    EVERGRANT_MASTER_KEY: [
      ['canary', 'is no key (its length is 6)'],
      [`${'ab'.repeat(32)},canary`, 'has as entry 2 something that is no key'],
      [' , ', 'holds no key'],
    ],
    EVERGRANT_BOOTSTRAP_API_KEY: [
      ['canary', 'is too short (its length is 6)'],
      ['canary with spaces in it', 'has spaces'],
    ],
    EVERGRANT_SANDBOX: [['canary', 'is none of the words']],
    EVERGRANT_SANDBOX_PORT: [['99999', 'is too large']],
    EVERGRANT_METRICS_TOKEN: [['canary', 'is too short']],
    EVERGRANT_ALLOW_PRIVATE_HOSTS: [['x.example,https://canary', 'has as entry 2']],
    EVERGRANT_LOG_LEVEL: [['canary', 'is none of the words']],
  };

  it('says of every variable what is wrong, what is allowed, and an example, and never its value', () => {
    for (const [name, wrong] of Object.entries(WRONG)) {
      const { allowed, example } = SETTINGS[name as SettingName];
      for (const [value, why] of wrong) {
        const told = problemsOf({ [name]: value }).find((problem) => problem.startsWith(`${name} ${why}`));
        assert.ok(
          told?.endsWith(`: it has to be ${allowed}. Example: ${name}=${example}`),
          `${name}=${value}: ${told}`,
        );
        assert.doesNotMatch(told!, /canary/);
      }
    }
    const all = Object.fromEntries(Object.entries(WRONG).map(([name, [first]]) => [name, first![0]]));
    const told = problemsOf({ ...all, EVERGRANT_SANDBOX: 'x' });
    for (const name of Object.keys(WRONG))
      assert.ok(
        told.some((one) => one.startsWith(`${name} `)),
        name,
      );
  });

  it('gives examples that it takes itself', () => {
    const plain = Object.entries(SETTINGS).filter(([, { example }]) => !example.includes('$('));
    assert.ok(plain.length >= 8);
    configOf({
      ...Object.fromEntries(plain.map(([name, { example }]) => [name, example])),
      EVERGRANT_MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
    });
  });

  it('is whole in the README', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    for (const name of Object.keys(SETTINGS)) assert.ok(readme.includes(`\`${name}\``), name);
  });

  it('takes a database behind a socket', () => {
    for (const DATABASE_URL of [
      'postgresql:///db?host=/tmp',
      'postgres://%2Fvar%2Frun/db',
      'postgres://u:p w@h/db',
    ])
      assert.doesNotThrow(() => configOf({ DATABASE_URL, EVERGRANT_SANDBOX: 'on' }), DATABASE_URL);
  });

  it('names every mistake at once, by its name', () => {
    const problems = problemsOf({
      PORT: 'http',
      DATABASE_URL: 'mysql://db',
      EVERGRANT_PUBLIC_URL: 'grants.example.com',
      EVERGRANT_BOOTSTRAP_API_KEY: 'short',
      EVERGRANT_SANDBOX: 'yes',
      EVERGRANT_SANDBOX_PORT: '99999',
      EVERGRANT_LOG_LEVEL: 'loud',
    });
    for (const name of [
      'PORT',
      'DATABASE_URL',
      'EVERGRANT_PUBLIC_URL',
      'EVERGRANT_BOOTSTRAP_API_KEY',
      'EVERGRANT_SANDBOX',
      'EVERGRANT_SANDBOX_PORT',
      'EVERGRANT_LOG_LEVEL',
    ]) {
      assert.equal(problems.filter((problem) => problem.startsWith(`${name} `)).length, 1, name);
    }
  });

  it('names what is missing together with what is wrong', () => {
    const problems = problemsOf({
      PORT: 'http',
      HOST: '0.0.0.0',
      DATABASE_URL: 'postgres://db/evergrant',
    }).join('\n');
    for (const name of ['PORT', 'EVERGRANT_PUBLIC_URL', 'EVERGRANT_MASTER_KEY'])
      assert.match(problems, new RegExp(`^${name} `, 'm'));
  });

  it('says what would be right', () => {
    assert.match(problemsOf({ EVERGRANT_SANDBOX: 'yes' })[0]!, /one of: on, off/);
    assert.match(problemsOf({ DATABASE_URL: 'mysql://db' })[0]!, /postgres:\/\//);
    assert.match(problemsOf({ EVERGRANT_PUBLIC_URL: 'ftp://x' })[0]!, /https:\/\/grants\.example\.com/);
  });

  it('never repeats a value: some are secrets', () => {
    const secret = 'canary-value';
    const names = [
      'PORT',
      'DATABASE_URL',
      'EVERGRANT_PUBLIC_URL',
      'EVERGRANT_BOOTSTRAP_API_KEY',
      'EVERGRANT_SANDBOX',
      'EVERGRANT_LOG_LEVEL',
      'EVERGRANT_MASTER_KEY',
    ];
    const all = Object.fromEntries(names.map((name) => [name, secret]));
    const problems = problemsOf(all);
    assert.equal(problems.length, names.length);
    assert.doesNotMatch(problems.join('\n'), /canary/);
    const located = problemsOf({
      DATABASE_URL: 'postgres://user:canary@db/x',
      HOST: '0.0.0.0',
      EVERGRANT_MASTER_KEY: 'canary',
    });
    assert.doesNotMatch(located.join('\n'), /canary/);
  });

  it('asks for a public address where others are to reach it, and for a key where servers share a database', () => {
    assert.match(problemsOf({ HOST: '0.0.0.0' })[0]!, /^EVERGRANT_PUBLIC_URL /);
    assert.match(problemsOf({ DATABASE_URL: 'postgres://db/x' })[0]!, /^EVERGRANT_MASTER_KEY /);
    assert.doesNotThrow(() => configOf({ DATABASE_URL: 'postgres://db/x', EVERGRANT_SANDBOX: 'on' }));
  });
});
