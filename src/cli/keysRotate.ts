import { randomBytes } from 'node:crypto';
import type { Config } from '../config.ts';
import type { RotationProgress } from '../vault/rotate.ts';
import { command } from './command.ts';
import { serviceConfig } from './config.ts';
import { CommandError, EXIT } from './exitCodes.ts';

export const keysRotate = command({
  name: 'keys rotate',
  summary: 'replace the master key that guards all secrets',
  about: `Can be broken off and run again at any point. The old key opens nothing afterwards.
Key file (EVERGRANT_DATA_DIR/master.key): a new key is made, and the old one taken out.
EVERGRANT_MASTER_KEY: set it to NEW,OLD here and for every server, restart them, then run this; then take OLD out.
Servers on PostgreSQL go on working meanwhile. An embedded database serves one process: stop the service first.`,
  inProcess: true,
  examples: ['keys rotate'],
  run: async ({ out, terminal }) => {
    const config = serviceConfig(terminal.env);
    let rewrapped = 0;
    const keyId = await rotate(config, (progress) => {
      rewrapped = progress.rewrapped;
      if (!progress.done) out.note(`${rewrapped} data keys …`);
    });
    out.show(
      { master_key_id: keyId, data_keys: rewrapped },
      () => `The master key in use is ${keyId}. Data keys sealed anew: ${rewrapped}.`,
    );
  },
});

/** Returns the id of the key that is in use now. */
async function rotate(config: Config, onProgress: (progress: RotationProgress) => void): Promise<string> {
  const { keyFilePath, openStoreAndVault, requireDatabase } = await import('../main.ts');
  const { rotateKeyFile, rotateMasterKey } = await import('../vault/rotate.ts');
  requireDatabase(config);
  const { store, keyring } = await openStoreAndVault(config);
  try {
    if (config.masterKey === null) {
      return await rotateKeyFile({ store, path: keyFilePath(config), randomBytes }, onProgress);
    }
    if (keyring.ids().length < 2)
      throw new CommandError(
        EXIT.usage,
        'Put the new key before the old one: EVERGRANT_MASTER_KEY=NEW,OLD. Make one with: openssl rand -base64 32',
      );
    const to = keyring.current();
    await rotateMasterKey({ store, from: keyring, to, randomBytes }, onProgress);
    return to.id;
  } finally {
    await store.close();
  }
}
