/**
 * What `npm ci` leaves ready for the first start: an empty database to begin from, and the code as Node compiled it
 * (kept by `NODE_COMPILE_CACHE` when this process ends). Everything works without it, only later.
 */
import { makeDatabaseTemplate } from '../src/store/embedded.ts';

await import('../src/main.ts');
await makeDatabaseTemplate();
