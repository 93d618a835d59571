import { isIP, isIPv6 } from 'node:net';

/** A variable of the environment. */
interface Setting {
  /** What it has to be, as the end of “it has to be”. */
  readonly allowed: string;
  /** A value that is taken, as a shell reads it. */
  readonly example: string;
  /** What is wrong with a value, as the end of a sentence that begins with the variable's name. Never repeats the value. */
  readonly problemOf: (text: string) => string | undefined;
}

const port = (example: string): Setting => ({
  allowed: 'a whole number from 0 to 65535 (0: any free port)',
  example,
  problemOf: (text) => {
    if (!/^\d+$/.test(text.trim())) return 'is not a whole number';
    return Number(text) > 65_535 ? 'is too large' : undefined;
  },
});

const oneOf = (example: string, ...known: readonly string[]): Setting => ({
  allowed: `one of: ${known.join(', ')}`,
  example,
  problemOf: (text) => (known.includes(text) ? undefined : 'is none of the words that it takes'),
});

/** What is sent as a bearer token (RFC 6750 2.1, and whatever else is visible ASCII). */
const bearer = (example: string): Setting => ({
  allowed: 'at least 16 visible ASCII characters, without spaces',
  example,
  problemOf: (text) => {
    if (!/^[\x21-\x7e]+$/.test(text)) return 'has spaces or other characters in it that no request can send';
    return text.length < 16 ? `is too short (its length is ${text.length})` : undefined;
  },
});

/** Every variable that the service reads. */
export const SETTINGS = {
  PORT: port('7070'),
  HOST: {
    allowed: 'the name or the address of an interface of this machine, without scheme, port and brackets',
    example: '0.0.0.0',
    problemOf: (text) => {
      if (isIP(text) !== 0) return undefined;
      if (text.includes('/')) return 'is a whole address, or has a path in it';
      if (/^\[.*\]$/.test(text) && isIPv6(text.slice(1, -1))) return 'has brackets around its address';
      if (/:\d+$/.test(text)) return 'has a port in it, which goes into PORT';
      return /^[a-z\d]([a-z\d.-]*[a-z\d])?$/i.test(text) ? undefined : 'is no name of a host';
    },
  },
  EVERGRANT_PUBLIC_URL: {
    allowed:
      'the http(s) address under which people and platforms reach this service, without user, query and fragment',
    example: 'https://grants.example.com',
    problemOf: (text) => {
      const url = URL.parse(text);
      if (url === null) return 'is not a full address';
      if (!/^https?:$/.test(url.protocol)) return 'does not begin with https:// (or http://)';
      if (url.username !== '' || url.password !== '') return 'has a user or a password in it';
      return /[?#]/.test(text) ? 'has a query or a fragment in it' : undefined;
    },
  },
  DATABASE_URL: {
    allowed:
      'the address of a PostgreSQL database, which begins with postgres:// or postgresql://; signs such as / # ? @ in user and password are written as %2F %23 %3F %40',
    example: 'postgres://evergrant:PASSWORD@db.example.com:5432/evergrant',
    problemOf: (text) => {
      if (!/^postgres(ql)?:\/\//.test(text)) return 'does not begin with postgres:// or postgresql://';
      // As the driver reads it: a socket may stand in for the host.
      return URL.canParse(text, 'postgres://base') ? undefined : 'cannot be read as an address';
    },
  },
  EVERGRANT_DATA_DIR: {
    allowed: 'a folder',
    example: './data',
    problemOf: (text) => (text.includes('\0') ? 'has a character in it that no path has' : undefined),
  },
  EVERGRANT_MASTER_KEY: {
    allowed:
      '32 bytes as base64 (44 characters) or hexadecimal (64 digits), or several of them with commas between, the current one first',
    example: '"$(openssl rand -base64 32)"',
    problemOf: masterKeyProblem,
  },
  EVERGRANT_BOOTSTRAP_API_KEY: bearer('"evg_$(openssl rand -hex 24)"'),
  EVERGRANT_SANDBOX: oneOf('on', 'on', 'off'),
  EVERGRANT_SANDBOX_PORT: port('7071'),
  EVERGRANT_METRICS_TOKEN: bearer('"$(openssl rand -hex 24)"'),
  EVERGRANT_ALLOW_PRIVATE_HOSTS: {
    allowed:
      'host names or addresses with commas between, each with or without a port, and without scheme and path',
    example: 'login.intranet,10.0.0.5:8443,[fd00::5]',
    problemOf: (text) => {
      const place = hostsIn(text).findIndex((host) => !isHost(host));
      return place < 0 ? undefined : `has as entry ${place + 1} something that is no host`;
    },
  },
  EVERGRANT_LOG_LEVEL: oneOf('debug', 'fatal', 'error', 'warn', 'info', 'debug', 'silent'),
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof SETTINGS;
/** What is set and not empty. */
export type Environment = Readonly<Partial<Record<SettingName, string>>>;

export function environmentOf(all: Readonly<Record<string, string | undefined>>): Environment {
  const names = Object.keys(SETTINGS) as SettingName[];
  return Object.fromEntries(names.map((name) => [name, all[name]]).filter(([, text]) => text));
}

/** What is wrong with each value by itself, as sentences that begin with the variable's name. */
export function wrongValues(set: Environment): readonly string[] {
  return (Object.entries(set) as [SettingName, string][]).flatMap(([name, text]) => {
    const { problemOf, allowed }: Setting = SETTINGS[name];
    const problem = problemOf(text);
    return problem === undefined ? [] : [`${name} ${problem}: it has to be ${allowed}. ${exampleOf(name)}`];
  });
}

export const exampleOf = (name: SettingName): string => `Example: ${name}=${SETTINGS[name].example}`;

/** The forms that the vault takes, told here so that a wrong one is named before anything is opened. */
function masterKeyProblem(text: string): string | undefined {
  const keys = entriesOf(text);
  const place = keys.findIndex((key) => !/^([0-9a-f]{64}|[\w+/-]{43}=?)$/i.test(key));
  if (keys.length === 0) return 'holds no key';
  if (place < 0) return undefined;
  const which = keys.length === 1 ? 'is no key' : `has as entry ${place + 1} something that is no key`;
  return `${which} (its length is ${keys[place]!.length})`;
}

export const hostsIn = (text: string): readonly string[] => entriesOf(text.toLowerCase());

function entriesOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** As in an address, with or without a port. */
function isHost(text: string): boolean {
  const port = /^(?:[a-z\d]([a-z\d.-]*[a-z\d])?|\[[\da-f:.]+\])(?::(\d{1,5}))?$/.exec(text);
  return port !== null && Number(port[2] ?? 0) <= 65_535;
}
