/** The currency ids of the API (discovery document dfareporting, `Account.currencyId`), without those that are history. */
const CODES =
  '1 USD 2 GBP 4 SEK 5 CAD 6 JPY 8 AUD 11 DKK 12 NOK 14 ZAR 17 EUR 18 KRW 19 TWD 20 SGD 21 CNY 22 HKD 23 NZD 24 MYR 25 BRL ' +
  '28 CLP 29 TRY 30 ARS 31 PEN 32 ILS 33 CHF 35 COP 36 GTQ 37 PLN 39 INR 40 THB 41 IDR 42 CZK 43 RON 44 HUF 45 RUB 46 AED ' +
  '47 BGN 48 HRK 49 MXN 50 NGN 51 EGP';

const words = CODES.split(' ');
const BY_ID = new Map(
  words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1]!] as const] : [])),
);

/** ISO 4217 code of a currency id; null where it is none of them. */
export function currencyOf(id: string | undefined): string | null {
  return (id !== undefined && BY_ID.get(id)) || null;
}
