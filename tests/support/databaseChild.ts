/** Writes into a data directory until it is killed, and says what was acknowledged: for tests of durability. */
import { openStore } from '../../src/store/open.ts';
import { aClient, anActivity, START_AT } from './databaseRecords.ts';

const [dataDir = ''] = process.argv.slice(2);
const store = await openStore({ dataDir });
await store.migrate();
await store.insertWorkspace({ id: 'ws_one', name: 'One', createdAt: START_AT });
process.stdout.write('ready\n');
for (let number = 1; ; number += 1) {
  const id = `cl_${number}`;
  await store.insertClient(aClient({ id }));
  await store.appendActivity([anActivity({ subjects: [id] })]);
  process.stdout.write(`${id}\n`);
}
