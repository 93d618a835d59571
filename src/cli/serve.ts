import { command } from './command.ts';
import { serviceConfig } from './config.ts';

export const serve = command({
  name: 'serve',
  summary: 'run the service until it is told to stop',
  about:
    'The environment has its settings; what is given here stands above it. Reports as the service does: in words at the start, then its log, a JSON line each.',
  options: {
    port: { value: 'PORT', help: 'where to listen (PORT; default 7070)' },
    host: { value: 'HOST', help: 'for whom to listen (HOST; default 127.0.0.1)' },
    'data-dir': {
      value: 'FOLDER',
      help: 'where the embedded database and the keys are (EVERGRANT_DATA_DIR; default ./data)',
    },
    sandbox: { help: 'with the simulated platforms beside it (EVERGRANT_SANDBOX=on)' },
  },
  inProcess: true,
  examples: ['serve --sandbox', 'serve --port 8080'],
  run: async ({ values, terminal }) => {
    const environment = {
      ...terminal.env,
      ...(values.port !== undefined && { PORT: values.port }),
      ...(values.host !== undefined && { HOST: values.host }),
      ...(values['data-dir'] !== undefined && { EVERGRANT_DATA_DIR: values['data-dir'] }),
      ...(values.sandbox && { EVERGRANT_SANDBOX: 'on' }),
    };
    serviceConfig(environment);
    const { serve: start } = await import('../main.ts');
    await start(environment);
  },
});
