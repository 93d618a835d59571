import { parseArgs } from 'node:util';
import { cleanUpOnSignals } from './cleanup.ts';
import { type Figures, meetsGoal, type Tell } from './figure.ts';
import { measureRenewals } from './renewals.ts';
import { measureService } from './service.ts';
import { measureSimulated } from './simulated.ts';
import { measureSingleFlight } from './singleFlight.ts';
import { measureTokenReads } from './tokenReads.ts';

interface Options {
  readonly grants: number;
}

/** What can be measured, by the name that `--only` takes, in the order in which it is. */
const MEASURES: Readonly<Record<string, (tell: Tell, options: Options) => Promise<Figures>>> = {
  renewals: (tell, { grants }) => measureRenewals(tell, grants),
  reads: measureTokenReads,
  flight: measureSingleFlight,
  service: measureService,
  simulated: measureSimulated,
};

const USAGE = `npm run bench -- [--json] [--only ${Object.keys(MEASURES).join(',')}] [--grants 100000]`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean' },
      only: { type: 'string' },
      grants: { type: 'string', default: '100000' },
    },
  });
  const names = values.only?.split(',') ?? Object.keys(MEASURES);
  const grants = Number(values.grants);
  if (names.some((name) => !Object.hasOwn(MEASURES, name)) || !Number.isInteger(grants) || grants < 1_000)
    throw new Error(USAGE);
  const tell: Tell = (line) => console.error(line);
  const figures: Record<string, Figures[string]> = {};
  for (const name of names) {
    tell(name);
    Object.assign(figures, await MEASURES[name]!(tell, { grants }));
  }
  console.log(values.json ? JSON.stringify(figures) : table(figures));
}

function table(figures: Figures): string {
  const rows = Object.entries(figures).map(([name, one]) => {
    const goal = one.goal === null ? '' : `goal ${one.goal}${meetsGoal(one) ? '' : '  MISSED'}`;
    return `  ${name.padEnd(32)} ${String(one.value).padStart(10)} ${one.unit.padEnd(12)} ${goal}`.trimEnd();
  });
  return `\n${rows.join('\n')}\n`;
}

cleanUpOnSignals();
try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}
