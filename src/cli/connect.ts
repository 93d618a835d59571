import type { ConnectSession, Evergrant, Schemas } from '../../sdk/src/index.ts';
import { EvergrantError } from '../../sdk/src/index.ts';
import { command } from './command.ts';
import { EXIT, type ExitCode, UsageError } from './exitCodes.ts';
import type { Output } from './output.ts';
import type { Terminal } from './terminal.ts';
import { when } from './words.ts';

const ASK_EVERY_MS = 1_000;

export const connect = command({
  name: 'connect',
  summary: 'make a link under which a person connects, or reconnects, a platform',
  about: `Prints the link. Whoever opens it signs in at the platform; an account at Evergrant is not needed.
With --connection it mends that connection: same ids, same settings, same person.
With --wait the command ends when the person is done, and prints the connection's id; exit code 3 when nobody came, or it failed.`,
  options: {
    client: { value: 'ID', help: 'the client whose connection it will be; see: evergrant clients' },
    platform: { value: 'PLATFORM', help: 'its id; see: evergrant platforms' },
    connection: {
      value: 'ID',
      help: 'reconnect this one; only --scope and --return-url can stand beside it',
    },
    app: { value: 'ID', help: 'which app, where the platform has several; see: evergrant apps' },
    method: {
      value: 'METHOD',
      help: "the auth method (default: the platform's first); see: evergrant platforms PLATFORM",
    },
    scope: { value: 'SCOPE', many: true, help: 'a permission to ask for (default: those of the method)' },
    name: { value: 'NAME', help: 'what the connection is called (default: from platform and client)' },
    'return-url': { value: 'URL', help: 'where the page leads afterwards; https, or http on this machine' },
    wait: { help: 'wait until the person is done' },
  },
  examples: ['connect --client cli_01kabc --platform PLATFORM --wait', 'connect --connection con_01kabc'],
  run: async ({ values, out, evergrant, terminal, now }) => {
    const service = evergrant();
    const started = await service.connectSessions.create({
      ...whatToConnect(values),
      scopes: values.scope && [...values.scope],
      return_url: values['return-url'],
    });
    out.show(started, () => started.url);
    out.note(
      `Send this link to the person who signs in. It can be used until ${when(started.expires_at, now())}.`,
    );
    return values.wait ? wait(service, started.id, out, terminal) : EXIT.ok;
  },
});

type Wishes = Readonly<
  Partial<Record<'client' | 'platform' | 'connection' | 'app' | 'method' | 'name', string>>
>;

/** All that --connection settles by itself. */
const OF_A_NEW_ONE = ['client', 'platform', 'app', 'method', 'name'] as const;

function whatToConnect(wishes: Wishes): Schemas['StartConnect'] {
  const { client, platform, connection, app, method, name } = wishes;
  if (connection !== undefined) {
    const beside = OF_A_NEW_ONE.filter((option) => wishes[option] !== undefined);
    if (beside.length === 0) return { connection_id: connection };
    const options = beside.map((option) => `--${option}`).join(', ');
    throw new UsageError(`--connection settles these by itself; leave them out: ${options}.`);
  }
  if (client === undefined)
    throw new UsageError('Give --client ID (whose connection it will be), or --connection ID to reconnect.');
  if (platform === undefined && app === undefined)
    throw new UsageError('Give --platform PLATFORM, or --app ID.');
  return { client_id: client, platform, app_id: app, method, name };
}

async function wait(service: Evergrant, id: string, out: Output, terminal: Terminal): Promise<ExitCode> {
  let told: string | null = null;
  for (;;) {
    const session = await ask(service, id);
    if (session && session.status !== 'open') return finish(session, out);
    // A try that failed is no end: the link can be used again.
    if (session?.detail && session.detail !== told) {
      told = session.detail;
      out.note(`Not yet: ${told}`);
    }
    await terminal.sleep(ASK_EVERY_MS);
  }
}

/** Undefined: it cannot be asked just now. */
async function ask(service: Evergrant, id: string): Promise<ConnectSession | undefined> {
  try {
    return await service.connectSessions.get(id);
  } catch (error) {
    if (error instanceof EvergrantError && error.temporary) return undefined;
    throw error;
  }
}

function finish(session: ConnectSession, out: Output): ExitCode {
  if (session.status === 'completed') {
    out.show(session, () => session.connection_id ?? '');
    out.note('Connected.');
    return EXIT.ok;
  }
  if (out.json) out.line(JSON.stringify(session));
  out.note(
    session.status === 'expired'
      ? 'Nobody has used the link while it could be used.'
      : `It failed. ${session.detail ?? ''}`,
  );
  return EXIT.personNeeded;
}
