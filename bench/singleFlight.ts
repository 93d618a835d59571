import { Agent, request } from 'undici';
import { createServer } from '../src/server/server.ts';
import { withCleanup } from './cleanup.ts';
import { type Figures, figure, type Tell } from './figure.ts';
import { insertMany } from './manyGrants.ts';
import { listen } from './serve.ts';
import { API_KEY, PLATFORM, startWorld } from './world.ts';

const READERS = 1_000;

/** Many readers of one token that has ended, all at once: how often is the platform called? */
export function measureSingleFlight(_tell: Tell): Promise<Figures> {
  return withCleanup(async (cleanup) => {
    const world = await startWorld(cleanup);
    const [expired] = await insertMany(world, 1, 120);
    const port = await listen(createServer(world.house), cleanup);
    const dispatcher = new Agent({ connections: READERS });
    cleanup.add(() => dispatcher.close());
    const calls = `${world.platformsUrl}/_control/${PLATFORM}/calls`;
    await fetch(calls, { method: 'DELETE' });
    const url = `http://127.0.0.1:${port}/v1/connections/${expired!.connectionId}/token`;
    const startedAt = performance.now();
    const read = async (): Promise<string> => {
      const answer = await request(url, { dispatcher, headers: { authorization: `Bearer ${API_KEY}` } });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`A reader was refused: ${answer.statusCode} ${text}`);
      return (JSON.parse(text) as { access_token: string }).access_token;
    };
    const tokens = new Set(await Promise.all(Array.from({ length: READERS }, read)));
    const milliseconds = performance.now() - startedAt;
    const { total } = (await (await fetch(calls)).json()) as { total: number };
    return {
      single_flight_platform_calls: figure(total, 'calls', '= 1'),
      single_flight_different_tokens: figure(tokens.size, 'tokens', '= 1'),
      single_flight_ms: figure(milliseconds, 'ms'),
    };
  });
}
