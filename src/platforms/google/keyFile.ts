import { createPrivateKey, type KeyObject } from 'node:crypto';
import { parseJson, textAt } from '../../core/answer.ts';

/** What of a service account's key file is used. */
export interface Key {
  readonly clientEmail: string;
  readonly privateKey: KeyObject;
  readonly keyId: string | undefined;
  readonly projectId: string | undefined;
}

/** What is wrong with an entered key file; undefined: nothing that can be seen without asking Google. */
export function wrongKeyFile(text: string): string | undefined {
  const key = readKeyFile(text);
  return typeof key === 'string' ? key : undefined;
}

const WHERE =
  'Create a JSON key of a service account in the Google Cloud console (IAM, Service Accounts, Keys, Add key) and paste that file.';

/** Other files of the same console look much alike. */
function wrongType(json: object): string {
  if ('web' in json || 'installed' in json)
    return 'This is the file of an OAuth client, not the key file of a service account.';
  return 'This is not the key file of a service account: its “type” has to be “service_account”.';
}

/** The key, or what is wrong with the file, in words that repeat nothing of it. */
export function readKeyFile(text: string): Key | string {
  const json = parseJson(text);
  if (typeof json !== 'object' || json === null)
    return 'This is not the JSON of a key file: paste the whole file.';
  if (textAt(json, 'type') !== 'service_account') return `${wrongType(json)} ${WHERE}`;
  const clientEmail = textAt(json, 'client_email');
  const pem = textAt(json, 'private_key');
  if (!clientEmail) return 'The key file lacks “client_email”: paste the whole file, as it was downloaded.';
  if (!pem) return 'The key file lacks “private_key”: paste the whole file, as it was downloaded.';
  if (!/^\s*-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem))
    return 'The “private_key” of the key file is not a private key in PEM form (-----BEGIN PRIVATE KEY-----): paste the whole file, as it was downloaded.';
  const privateKey = rsaKey(pem);
  if (!privateKey)
    return 'The “private_key” of the key file cannot be read: it was cut off or altered, or is no RSA key. Paste the whole file, as it was downloaded.';
  return {
    clientEmail,
    privateKey,
    keyId: textAt(json, 'private_key_id'),
    projectId: textAt(json, 'project_id'),
  };
}

function rsaKey(pem: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048
      ? key
      : undefined;
  } catch {
    return undefined;
  }
}
