export { createEvergrant, type Evergrant, type EvergrantOptions } from './client.ts';
export type { TokenOptions } from './connections.ts';
export { type ClientCode, EvergrantError } from './errors.ts';
export type { CallOptions, Fetch, PostOptions } from './http.ts';
export type { Page, Paged } from './paged.ts';
export type * from './types.ts';
