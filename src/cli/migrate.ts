import { command } from './command.ts';
import { serviceConfig } from './config.ts';

export const migrate = command({
  name: 'migrate',
  summary: 'bring the database up to date',
  about:
    'Works on the database of the environment (DATABASE_URL, else the embedded one in EVERGRANT_DATA_DIR). The service does it at every start, too: this is for those who want it done before.',
  inProcess: true,
  examples: ['migrate'],
  run: async ({ out, terminal }) => {
    const config = serviceConfig(terminal.env);
    const { openStoreAndVault, WITHOUT_WALL } = await import('../main.ts');
    const { store } = await openStoreAndVault(config);
    let wallProblem: string | null;
    try {
      await store.migrate();
      wallProblem = await store.wallProblem();
    } finally {
      await store.close();
    }
    out.show({ migrated: true, wall_problem: wallProblem }, () => 'The database is up to date.');
    if (wallProblem !== null) out.note(`${WITHOUT_WALL} ${wallProblem}`);
  },
});
