/** The parts that the tests use of client libraries which bring no types. */
declare module 'facebook-nodejs-business-sdk' {
  type Fields = Readonly<Record<string, unknown>>;

  export class FacebookAdsApi {
    static readonly VERSION: string;
    constructor(accessToken: string, locale: string, crashLog: boolean);
    // biome-ignore lint/suspicious/noExplicitAny: the platform's JSON.
    call(method: string, path: string | readonly string[], params?: Fields): Promise<any>;
  }

  /** The objects of a page, and the way to the next one, which takes the place of the first. */
  export interface Cursor extends Array<{ readonly id: string; readonly _data: Fields }> {
    hasNext(): boolean;
    next(): Promise<Cursor>;
  }

  export class User {
    constructor(id: string, data?: object, parentId?: string, api?: FacebookAdsApi);
    get(fields: readonly string[], params?: Fields): Promise<{ readonly _data: Fields }>;
    getAdAccounts(fields: readonly string[], params?: Fields): Promise<Cursor>;
    getPermissions(fields?: readonly string[], params?: Fields): Promise<Cursor>;
  }

  export class AdAccount {
    constructor(id: string, data?: object, parentId?: string, api?: FacebookAdsApi);
    getInsights(fields: readonly string[], params?: Fields): Promise<Cursor>;
  }
}

declare module 'tiktok-business-api-sdk-official' {
  // biome-ignore lint/suspicious/noExplicitAny: the platform's JSON.
  type Callback = (error: Error | null, data: any, response: { readonly body: any }) => void;

  export class ApiClient {
    basePath: string;
  }

  export class AuthenticationApi {
    constructor(client: ApiClient);
    oauth2AccessToken(options: { readonly body: object }, callback: Callback): unknown;
    oauth2AdvertiserGet(appId: string, secret: string, accessToken: string, callback: Callback): unknown;
  }

  export class AccountManagementApi {
    constructor(client: ApiClient);
    advertiserInfo(ids: readonly string[], accessToken: string, options: object, callback: Callback): unknown;
  }
}
