/** The service as it starts where `npm ci` could leave no template of the database, e.g. under `--ignore-scripts`. */
import { readConfig } from '../src/config.ts';
import { REAL_WORLD, startEvergrant } from '../src/main.ts';

const reading = readConfig(process.env);
if (!reading.ok) throw new Error(reading.problems.join('\n'));
const running = await startEvergrant(reading.config, { ...REAL_WORLD, templatesFolder: null });
process.once('SIGTERM', () => void running.close().then(() => process.exit(0)));
