import type { components, operations } from './openapi.gen.ts';

/** Everything that the API names, under the name it has there: `Schemas['Connection']`. */
export type Schemas = components['schemas'];

export type Activity = Schemas['Activity'];
export type AdAccount = Schemas['AdAccount'];
export type ApiKey = Schemas['ApiKey'];
export type App = Schemas['App'];
export type Cause = Schemas['Cause'];
export type Client = Schemas['Client'];
export type Clock = Schemas['Clock'];
export type Connection = Schemas['Connection'];
export type ConnectionDetail = Schemas['ConnectionDetail'];
export type ConnectSession = Schemas['ConnectSession'];
export type Deadline = Schemas['Deadline'];
export type Diagnosis = Schemas['Diagnosis'];
export type Grant = Schemas['Grant'];
export type GrantDetail = Schemas['GrantDetail'];
export type Outage = Schemas['Outage'];
export type Platform = Schemas['Platform'];
export type State = Schemas['State'];
/** A working token, and with what to call the platform. */
export type Token = Schemas['Token'];

/** The query that an operation takes; what is undefined is left out. */
export type Query<Name extends keyof operations> = OrUndefined<
  NonNullable<operations[Name]['parameters']['query']>
>;
type OrUndefined<Members> = { [Member in keyof Members]: Members[Member] | undefined };
