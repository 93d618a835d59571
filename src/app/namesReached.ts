import type { ConnectionRecord } from '../store/records.ts';

/** Whether a text names an ad account that the connection reaches. */
export function namesReached({ accounts, loss }: ConnectionRecord, text: string): boolean {
  const lost = new Set(loss?.accounts);
  const words = new Set(text.split(NO_WORD));
  return accounts.map(({ id }) => String(id)).some((id) => !lost.has(id) && words.has(bareOf(id)));
}

const NO_WORD = /[^0-9A-Za-z]+/;

/** Platforms name an account with what stands before its number, and without. */
const bareOf = (id: string): string => id.split(NO_WORD).at(-1) || id;
