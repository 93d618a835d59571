import { createHash } from 'node:crypto';
import { fileAnswer, type SimAnswer, type SimRequest } from '../kit/simulator.ts';

/**
 * Where reports lie, by the API host that made them. The first two as seen in addresses that clients were given (public
 * repositories, looked up 2026-11-22); the third follows their pattern.
 */
const HOSTS: Readonly<Record<string, string>> = {
  'advertising-api.amazon.com': 'offline-report-storage-us-east-1-prod.s3.amazonaws.com',
  'advertising-api-eu.amazon.com': 'offline-report-storage-eu-west-1-prod.s3.eu-west-1.amazonaws.com',
  'advertising-api-fe.amazon.com': 'offline-report-storage-us-west-2-prod.s3.us-west-2.amazonaws.com',
};
const FIRST_HOST = HOSTS['advertising-api.amazon.com']!;
export const STORAGE_HOSTS: readonly string[] = Object.values(HOSTS);

/** `X-Amz-Expires=3600` in the same addresses. */
const ADDRESS_LIFE_SECONDS = 3_600;
export const ADDRESS_LIFE_MS = ADDRESS_LIFE_SECONDS * 1_000;

const PATH = /^\/([a-z0-9]+)-\d+\/report-\1-\d+\.json\.gz$/;

interface Stored {
  readonly reportId: string;
  readonly apiHost: string;
  readonly askedAt: number;
}

/** A pre-signed address of a report's file: whoever has it may fetch the file, for an hour from `now`. */
export function addressOf({ reportId, apiHost, askedAt }: Stored, now: number): string {
  const path = `/${reportId}-${askedAt}/report-${reportId}-${askedAt}.json.gz`;
  const date = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  const query = new URLSearchParams({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Date': date,
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Expires': String(ADDRESS_LIFE_SECONDS),
    'X-Amz-Signature': signatureOf(path, date),
  });
  return `https://${HOSTS[apiHost] ?? FIRST_HOST}${path}?${query}`;
}

/** The report that a path of the storage names; undefined where it names none. */
export const askedFor = (path: string): string | undefined => PATH.exec(path)?.[1];

/**
 * What the storage (Amazon S3) answers: the file, or an XML error. An access token sent along is refused, as the address
 * itself is the permission: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and clients' reports (2026-11-22).
 */
export function storageAnswer(request: SimRequest, now: number, file: Uint8Array | undefined): SimAnswer {
  const { path, query, headers } = request;
  const signature = query.get('X-Amz-Signature');
  if (headers.authorization !== undefined && signature !== null)
    return storageError(400, 'InvalidArgument', 'Only one auth mechanism allowed');
  if (signature === null) return storageError(403, 'AccessDenied', 'Access Denied');
  const date = query.get('X-Amz-Date') ?? '';
  if (signature !== signatureOf(path, date))
    return storageError(403, 'SignatureDoesNotMatch', 'The request signature we calculated does not match.');
  if (now >= signedAt(date) + ADDRESS_LIFE_MS)
    return storageError(403, 'AccessDenied', 'Request has expired');
  if (file === undefined) return storageError(404, 'NoSuchKey', 'The specified key does not exist.');
  return fileAnswer(file, { 'content-type': 'binary/octet-stream' });
}

/** `20261122T090000Z`, as an instant. */
const signedAt = (date: string): number =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

const signatureOf = (path: string, date: string): string =>
  createHash('sha256').update(`simulated ${path} ${date}`).digest('hex');

function storageError(status: number, code: string, message: string): SimAnswer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, headers: { 'content-type': 'application/xml' }, body };
}
