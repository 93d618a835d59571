// Generated from the OpenAPI document by npm run gen. Do not edit.

export interface paths {
    "/v1/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the activity log, newest first
         * @description Needs an API key with the scope `read`.
         */
        get: operations["listActivity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/activity/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Check that the activity log is unbroken
         * @description Needs an API key with the scope `read`.
         */
        get: operations["verifyActivity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List API keys, revoked ones too
         * @description Needs an API key with the scope `admin`.
         */
        get: operations["listApiKeys"];
        put?: never;
        /**
         * Create an API key
         * @description The key is in this answer and nowhere else.
         *
         *     Needs an API key with the scope `admin`.
         */
        post: operations["createApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke an API key
         * @description It stops working at once; one that was revoked already stays so. The last one with the scope `admin` stays (409 `conflict`): without it nobody could make another.
         *
         *     Needs an API key with the scope `admin`.
         */
        delete: operations["revokeApiKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/apps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List apps
         * @description Needs an API key with the scope `admin`.
         */
        get: operations["listApps"];
        put?: never;
        /**
         * Register your OAuth client of a platform
         * @description Needs an API key with the scope `admin`.
         */
        post: operations["createApp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/apps/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read an app
         * @description Needs an API key with the scope `admin`.
         */
        get: operations["getApp"];
        put?: never;
        post?: never;
        /**
         * Delete an app on which no grant rests
         * @description Needs an API key with the scope `admin`.
         */
        delete: operations["deleteApp"];
        options?: never;
        head?: never;
        /**
         * Change an app
         * @description A new secret takes effect with the next renewal, which is tried at once.
         *
         *     Needs an API key with the scope `admin`.
         */
        patch: operations["updateApp"];
        trace?: never;
    };
    "/v1/clients": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List clients
         * @description Needs an API key with the scope `read`.
         */
        get: operations["listClients"];
        put?: never;
        /**
         * Create a client
         * @description Needs an API key with the scope `write`.
         */
        post: operations["createClient"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clients/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a client
         * @description Needs an API key with the scope `read`.
         */
        get: operations["getClient"];
        put?: never;
        post?: never;
        /**
         * Delete a client without connections
         * @description Needs an API key with the scope `write`.
         */
        delete: operations["deleteClient"];
        options?: never;
        head?: never;
        /**
         * Change a client
         * @description Needs an API key with the scope `write`.
         */
        patch: operations["updateClient"];
        trace?: never;
    };
    "/v1/clock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the clock, and what comes next
         * @description A sandbox and its simulated platforms share one clock. Elsewhere there is none that could be moved: 409 `clock_fixed`.
         *
         *     Needs an API key with the scope `read`.
         */
        get: operations["readClock"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clock/forward": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Move the time forward; what is due in between happens in order
         * @description By 400 days at most. Answers when it has arrived, or after ten seconds with `move.state` “under_way”: then ask `GET /v1/clock` until it is over. Never back.
         *
         *     Needs an API key with the scope `admin`.
         */
        post: operations["forwardClock"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clock/freeze": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let the time stand still
         * @description Needs an API key with the scope `admin`.
         */
        post: operations["freezeClock"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clock/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let the time run on from where it stands
         * @description Needs an API key with the scope `admin`.
         */
        post: operations["resumeClock"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clock/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End the move under way where it is
         * @description Needs an API key with the scope `admin`.
         */
        post: operations["stopClock"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connect-sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Open a link under which a person connects, or reconnects
         * @description With `connection_id` it is a reconnect: client, platform, app, method and name are those of the connection. Leave them out; one that differs is refused.
         *
         *     Needs an API key with the scope `write`.
         */
        post: operations["startConnect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connect-sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See how a connect session stands
         * @description Needs an API key with the scope `read`.
         */
        get: operations["getConnectSession"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List connections
         * @description Needs an API key with the scope `read`.
         */
        get: operations["listConnections"];
        put?: never;
        /**
         * Connect by fields, or by a profile that is already authorized
         * @description `fields` for methods that take a token, a login or a key; `grant_id` to use an authorized profile for another client too, whose platform, app and method are then settled. A new sign-in goes through a connect session.
         *
         *     Needs an API key with the scope `write`.
         */
        post: operations["createConnection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a connection: state, cause, remedy, deadlines, accounts
         * @description Needs an API key with the scope `read`.
         */
        get: operations["getConnection"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Rename a connection, or choose its ad accounts
         * @description Needs an API key with the scope `write`.
         */
        patch: operations["updateConnection"];
        trace?: never;
    };
    "/v1/connections/{id}/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List every ad account that the grant reaches now
         * @description Asks the platform.
         *
         *     Needs an API key with the scope `read`.
         */
        get: operations["listReachableAccounts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{id}/disconnect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End a connection on purpose
         * @description The grant ends with its last connection, at the platform too where it has a way. History stays. Where the platform would end other connections with it, this answers 409 `confirmation_required` naming them, until it is asked for with `confirm`.
         *
         *     Needs an API key with the scope `write`.
         */
        post: operations["disconnect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{id}/failures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Report what the platform answered to one of your calls
         * @description It is evidence, not a verdict: what may concern the grant is asked of the platform at once, or by itself at `held_until` where it was asked a moment ago.
         *
         *     Needs an API key with the scope `write`.
         */
        post: operations["reportFailure"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{id}/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read the ad accounts again
         * @description Status, permissions, and what is no longer reachable. Changes no credential.
         *
         *     Needs an API key with the scope `write`.
         */
        post: operations["refreshConnection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{id}/renew": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Renew the credential now
         * @description Probes it where there is nothing to renew, and where a person is needed: that may have passed at the platform. Never needed: renewals happen by themselves. Asked again within seconds, or while a suspicion waits to be confirmed, it answers what is known, and `held_until`.
         *
         *     Needs an API key with the scope `write`.
         */
        post: operations["renewConnection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/connections/{id}/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a working access token
         * @description Renews it first when less than `min_ttl` seconds are left; the freshest token that works is handed out, which may live shorter. Where a person is needed: 409 `reauthorization_required` with cause, since, remedy and reconnect_url.
         *
         *     Needs an API key with the scope `token`.
         */
        get: operations["getToken"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deadlines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what only a person can put off, soonest first
         * @description Needs an API key with the scope `read`.
         */
        get: operations["listDeadlines"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/diagnose": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say what a platform’s answer means
         * @description Looks nothing up and changes nothing.
         *
         *     Needs an API key with the scope `read`.
         */
        post: operations["diagnose"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/grants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List grants
         * @description Needs an API key with the scope `read`.
         */
        get: operations["listGrants"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/grants/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a grant and what rests on it
         * @description Needs an API key with the scope `read`.
         */
        get: operations["getGrant"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/outages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List outages, newest first
         * @description Needs an API key with the scope `read`.
         */
        get: operations["listOutages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/platforms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the platforms that can be connected
         * @description With cadence, auth methods, scopes and what stops without them, fields, and how to register an app.
         *
         *     Needs an API key with the scope `read`.
         */
        get: operations["listPlatforms"];
        put?: never;
        /**
         * Declare an OAuth 2.0 or OpenID Connect server as a platform
         * @description Declaring the same id anew replaces it; with apps on it, not with hosts that it did not have.
         *
         *     Needs an API key with the scope `admin`.
         */
        post: operations["declarePlatform"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/platforms/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read what is true about a platform
         * @description Needs an API key with the scope `read`.
         */
        get: operations["getPlatform"];
        put?: never;
        post?: never;
        /**
         * Take back the declaration of a platform on which no app rests
         * @description Needs an API key with the scope `admin`.
         */
        delete: operations["deletePlatform"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A row of the log. Each hash covers the row before, so a change is found. */
        Activity: {
            action: string;
            actor: string;
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            at: string;
            detail: {
                [key: string]: unknown;
            };
            hash: string;
            seq: number;
            subjects: string[];
        };
        ActivityList: {
            data: components["schemas"]["Activity"][];
            /** @description Null: there are no more. */
            next_cursor: string | null;
        };
        /** @description An ad account that the grant reaches. */
        AdAccount: {
            currency: string | null;
            id: string;
            name: string;
            /** @description In the platform’s words. */
            permissions: string[];
            /** @enum {string} */
            status: "active" | "limited" | "disabled" | "closed" | "unknown";
            timezone: string | null;
        };
        AdAccountList: {
            data: components["schemas"]["AdAccount"][];
            /** @description Null: there are no more. */
            next_cursor: string | null;
        };
        /** @description What a platform’s answer means. */
        AnswerReading: {
            /** @description Causes that the answer cannot rule out. */
            acceptable_others: components["schemas"]["Cause"][];
            /** @description Null: the answer is a success. */
            cause: components["schemas"]["Cause"] | null;
            /** @description The check that decided. */
            check: string;
            explanation: string;
            /** @enum {string} */
            meaning: "transient" | "person_needed" | "app_fault" | "unknown_outcome" | "success";
            /** @description No retry and no renewal heals it until somebody acts. */
            permanent: boolean;
            platform_code: string | null;
            platform_message: string | null;
            /** @enum {string} */
            reach: "grant" | "part_of_grant" | "app" | "call" | "platform";
            remedy: string;
            retry_after_seconds: number | null;
            /** @enum {string} */
            who: "nobody" | "authorizing_user" | "account_admin" | "operator" | "platform";
        };
        ApiKey: {
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            created_at: string;
            id: string;
            name: string;
            revoked_at: string | null;
            scopes: string[];
        };
        ApiKeyList: {
            data: components["schemas"]["ApiKey"][];
            /** @description Null: there are no more. */
            next_cursor: string | null;
        };
        /** @description The operator’s OAuth client on a platform. */
        App: {
            client_id: string;
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            created_at: string;
            environment: components["schemas"]["Environment"];
            /** @description Set from the first time that the platform refuses the app, until it works again. */
            failing: {
                cause: components["schemas"]["Cause"];
                explanation: string;
                /** @description What they do. */
                remedy: string;
                /** @description Until then the app is left alone. Null: whatever is due is tried. */
                retry_at: string | null;
                /**
                 * Format: date-time
                 * @description RFC 3339, in UTC.
                 */
                since: string;
                /** @description Who has to act. */
                who: string;
            } | null;
            has_secret: boolean;
            id: string;
            name: string;
            platform: string;
            settings: {
                [key: string]: unknown;
            };
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            updated_at: string;
        };
        AppDetail: {
            /** @description How near each identity is to the platform’s cap of live authorizations. */
            census: {
                authorizations: number;
                cap: number;
                identity: string;
                warning: boolean;
            }[];
            client_id: string;
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            created_at: string;
            environment: components["schemas"]["Environment"];
            /** @description Set from the first time that the platform refuses the app, until it works again. */
            failing: {
                cause: components["schemas"]["Cause"];
                explanation: string;
                /** @description What they do. */
                remedy: string;
                /** @description Until then the app is left alone. Null: whatever is due is tried. */
                retry_at: string | null;
                /**
                 * Format: date-time
                 * @description RFC 3339, in UTC.
                 */
                since: string;
                /** @description Who has to act. */
                who: string;
            } | null;
            has_secret: boolean;
            id: string;
            name: string;
            platform: string;
            settings: {
                [key: string]: unknown;
            };
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            updated_at: string;
        };
        AppList: {
            data: components["schemas"]["App"][];
            /** @description Null: there are no more. */
            next_cursor: string | null;
        };
        AuthMethod: {
            cadence: components["schemas"]["Cadence"];
            fields: {
                choices: string[] | null;
                help: string;
                id: string;
                /** @enum {string} */
                kind: "text" | "password" | "date" | "json" | "choice";
                label: string;
                required: boolean;
                secret: boolean;
            }[];
            id: string;
            /** @enum {string} */
            kind: "oauth" | "fields";
            name: string;
            notice: string | null;
            pkce: boolean;
            scopes: {
                by_default: boolean;
                description: string;
                /** @description What stops without it. */
                features: string[];
                id: string;
                required: boolean;
            }[];
        };
        /** @description How the credentials live and die. Each fact has its source and the day it was read; where sources differ, both stand. */
        Cadence: {
            access_lifetime_seconds: {
                /** Format: date */
                checked: string;
                /** @enum {string} */
                confidence: "sure" | "likely" | "unverified";
                conflicting: {
                    /** Format: date */
                    checked: string;
                    /** @enum {string} */
                    confidence: "sure" | "likely" | "unverified";
                    note?: string;
                    source: string;
                    value: (number | "never") | "unknown";
                }[];
                note?: string;
                source: string;
                value: (number | "never") | "unknown";
            };
            confirm_after_seconds: {
                /** Format: date */
                checked: string;
                /** @enum {string} */
                confidence: "sure" | "likely" | "unverified";
                conflicting: {
                    /** Format: date */
                    checked: string;
                    /** @enum {string} */
                    confidence: "sure" | "likely" | "unverified";
                    note?: string;
                    source: string;
                    value: number | "unknown";
                }[];
                note?: string;
                source: string;
                value: number | "unknown";
            };
            idle_lifetime_seconds: {
                /** Format: date */
                checked: string;
                /** @enum {string} */
                confidence: "sure" | "likely" | "unverified";
                conflicting: {
                    /** Format: date */
                    checked: string;
                    /** @enum {string} */
                    confidence: "sure" | "likely" | "unverified";
                    note?: string;
                    source: string;
                    value: (number | "never") | "unknown";
                }[];
                note?: string;
                source: string;
                value: (number | "never") | "unknown";
            };
            live_grant_cap: {
                /** Format: date */
                checked: string;
                /** @enum {string} */
                confidence: "sure" | "likely" | "unverified";
                conflicting: {
                    /** Format: date */
                    checked: string;
                    /** @enum {string} */
                    confidence: "sure" | "likely" | "unverified";
                    note?: string;
                    source: string;
                    value: (number | "none") | "unknown";
                }[];
                note?: string;
                source: string;
                value: (number | "none") | "unknown";
            };
            mechanism: {
                /** Format: date */
                checked: string;
                /** @enum {string} */
                confidence: "sure" | "likely" | "unverified";
                conflicting: {
                    /** Format: date */
                    checked: string;
                    /** @enum {string} */
                    confidence: "sure" | "likely" | "unverified";
                    note?: string;
                    source: string;
                    value: ("refresh_token" | "token_exchange" | "jwt_bearer" | "login" | "none") | "unknown";
                }[];
                note?: string;
                source: string;
                value: ("refresh_token" | "token_exchange" | "jwt_bearer" | "login" | "none") | "unknown";
            };
            person_needed_when: {
                /** Format: date */
                checked: string;
                /** @enum {string} */
                confidence: "sure" | "likely" | "unverified";
                conflicting: {
                    /** Format: date */
                    checked: string;
                    /** @enum {string} */
                    confidence: "sure" | "likely" | "unverified";
                    note?: string;
                    source: string;
                    value: string | "unknown";
                }[];
                note?: string;
                source: string;
                value: string | "unknown";
            };
            probe_every_seconds: number;
            renewal_clock: {
                /** Format: date */
                checked: string;
                /** @enum {string} */
                confidence: "sure" | "likely" | "unverified";
                conflicting: {
                    /** Format: date */
                    checked: string;
                    /** @enum {string} */
                    confidence: "sure" | "likely" | "unverified";
                    note?: string;
                    source: string;
                    value: ("none" | "from_consent" | "from_renewal") | "unknown";
                }[];
                note?: string;
                source: string;
                value: ("none" | "from_consent" | "from_renewal") | "unknown";
            };
            renewal_lifetime_seconds: {
                /** Format: date */
                checked: string;
                /** @enum {string} */
                confidence: "sure" | "likely" | "unverified";
                conflicting: {
                    /** Format: date */
                    checked: string;
                    /** @enum {string} */
                    confidence: "sure" | "likely" | "unverified";
                    note?: string;
                    source: string;
                    value: (number | "never") | "unknown";
                }[];
                note?: string;
                source: string;
                value: (number | "never") | "unknown";
            };
            single_use_renewal: {
                /** Format: date */
                checked: string;
                /** @enum {string} */
                confidence: "sure" | "likely" | "unverified";
                conflicting: {
                    /** Format: date */
                    checked: string;
                    /** @enum {string} */
                    confidence: "sure" | "likely" | "unverified";
                    note?: string;
                    source: string;
                    value: boolean | "unknown";
                }[];
                note?: string;
                source: string;
                value: boolean | "unknown";
            };
            testing_lifetime_seconds: {
                /** Format: date */
                checked: string;
                /** @enum {string} */
                confidence: "sure" | "likely" | "unverified";
                conflicting: {
                    /** Format: date */
                    checked: string;
                    /** @enum {string} */
                    confidence: "sure" | "likely" | "unverified";
                    note?: string;
                    source: string;
                    value: (number | "never") | "unknown";
                }[];
                note?: string;
                source: string;
                value: (number | "never") | "unknown";
            };
        };
        /**
         * @description Why something does not work: the one vocabulary of causes.
         * @enum {string}
         */
        Cause: "access_token_expired" | "renewal_credential_expired" | "revoked_by_user" | "password_changed" | "security_checkpoint" | "session_invalidated" | "permission_missing" | "account_access_removed" | "account_disabled" | "app_disabled" | "app_misconfigured" | "policy_violation" | "admin_policy" | "testing_mode_expiry" | "token_limit_exceeded" | "rate_limited" | "quota_exceeded" | "platform_outage" | "malformed_token" | "not_provisioned" | "rotation_lost" | "request_invalid" | "unknown";
        /** @description An agency’s client, brand or campaign: the folder in which people look for their connections. */
        Client: {
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            created_at: string;
            external_id: string | null;
            id: string;
            name: string;
        };
        ClientList: {
            data: components["schemas"]["Client"][];
            /** @description Null: there are no more. */
            next_cursor: string | null;
        };
        Clock: {
            /** @description Ahead of the real time; below 0 after it has stood still. */
            ahead_seconds: number;
            /** @description Why it cannot be moved, and what to do: a live app is here. Null: it can. */
            fixed_reason: string | null;
            /** @description The move under way, else the last one. Null: none yet. */
            move: {
                /**
                 * Format: date-time
                 * @description How far it has come.
                 */
                at: string;
                /** @description Renewals on the way that did not. */
                failures: number;
                /**
                 * Format: date-time
                 * @description RFC 3339, in UTC.
                 */
                from: string;
                /** @description Renewals on the way that succeeded. */
                renewals: number;
                /** @description The same as a part of the way, from 0 to 1. */
                share: number;
                /**
                 * @description failed: by a fault of ours, which the service’s log tells. What is due stays due.
                 * @enum {string}
                 */
                state: "under_way" | "done" | "stopped" | "failed";
                /**
                 * Format: date-time
                 * @description RFC 3339, in UTC.
                 */
                to: string;
            } | null;
            /** @description The next moment that only a person can put off. Null: none is known. */
            next_deadline: {
                /**
                 * Format: date-time
                 * @description RFC 3339, in UTC.
                 */
                at: string;
                grant_id: string;
                platform: string;
            } | null;
            /** @description In this workspace. Null: none is to come. */
            next_renewal: {
                /**
                 * Format: date-time
                 * @description RFC 3339, in UTC.
                 */
                at: string;
                grant_id: string;
                platform: string;
            } | null;
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            now: string;
            /** @enum {string} */
            state: "running" | "frozen";
            /** @description Whether it was ever frozen or moved: then no live app can be made here. */
            touched: boolean;
        };
        /** @description unreachable: the platform no longer lists it, or refuses to tell of it. */
        ConnectedAccount: {
            currency: string | null;
            id: string;
            name: string;
            /** @description In the platform’s words. */
            permissions: string[];
            /** @enum {string} */
            status: "active" | "limited" | "disabled" | "closed" | "unknown" | "unreachable";
            timezone: string | null;
        };
        /** @description A client’s use of a platform, with the state of the grant it rests on. */
        Connection: {
            access_expires_at: string | null;
            accounts: components["schemas"]["ConnectedAccount"][];
            app_id: string;
            cause: components["schemas"]["Cause"] | null;
            client_id: string;
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            created_at: string;
            /** @description The earliest moment that only a person can put off. */
            deadline_at: string | null;
            /** @description Since when no access token is known to work. Null while one is. */
            down_since: string | null;
            environment: components["schemas"]["Environment"];
            evidence: components["schemas"]["Evidence"] | null;
            /** @description What the cause means. */
            explanation: string | null;
            grant_id: string;
            /** @description Whether an access token is at hand that is known to work: false once the platform has refused it and not taken it since. While that waits to be confirmed (`suspect`) the token is handed out all the same, for one answer is no verdict. False also while nobody has to reauthorize: the app is refused, or the platform is down for longer than the token lived. */
            has_working_token: boolean;
            held: {
                /** @enum {string} */
                reason: "refresh_token_may_be_spent" | "app_left_alone" | "asked_a_moment_ago" | "awaits_confirmation" | "awaits_database";
                /**
                 * Format: date-time
                 * @description RFC 3339, in UTC.
                 */
                until: string;
            } | null;
            id: string;
            identity: components["schemas"]["Identity"] | null;
            last_proof_at: string | null;
            method: string;
            /** @description Chosen ad accounts (ids) that this connection has lost, or that are closed to it. */
            missing_accounts: string[];
            missing_scopes: string[];
            name: string;
            /** @description When Evergrant looks by itself whether what needs a person has passed at the platform; `renew` looks at once. Null where it cannot pass, or nothing needs a person. */
            next_look_at: string | null;
            /** @description When it is renewed next, or tried again where that was not possible in time. Null: nothing renews it. */
            next_renewal_at: string | null;
            platform: string;
            /** @description A link that mends this connection and opens nothing else. Null where no new authorization mends it: it is fine or disconnected; what is wrong passes by itself, waits to be confirmed, or is for somebody to mend elsewhere (`who`, `remedy`). `POST /v1/connect-sessions` with its `connection_id` makes a link at any time. */
            reconnect_url: string | null;
            /** @description What they do. */
            remedy: string | null;
            since: string | null;
            state: components["schemas"]["State"];
            /** @description Who has to act. */
            who: string | null;
        };
        ConnectionDetail: {
            access_expires_at: string | null;
            accounts: components["schemas"]["ConnectedAccount"][];
            app_id: string;
            cause: components["schemas"]["Cause"] | null;
            client_id: string;
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            created_at: string;
            /** @description The earliest moment that only a person can put off. */
            deadline_at: string | null;
            deadlines: {
                /**
                 * Format: date-time
                 * @description RFC 3339, in UTC.
                 */
                at: string;
                ends_grant: boolean;
                kind: string;
                source: string;
            }[];
            /** @description Since when no access token is known to work. Null while one is. */
            down_since: string | null;
            environment: components["schemas"]["Environment"];
            evidence: components["schemas"]["Evidence"] | null;
            /** @description What the cause means. */
            explanation: string | null;
            grant_id: string;
            /** @description Whether an access token is at hand that is known to work: false once the platform has refused it and not taken it since. While that waits to be confirmed (`suspect`) the token is handed out all the same, for one answer is no verdict. False also while nobody has to reauthorize: the app is refused, or the platform is down for longer than the token lived. */
            has_working_token: boolean;
            held: {
                /** @enum {string} */
                reason: "refresh_token_may_be_spent" | "app_left_alone" | "asked_a_moment_ago" | "awaits_confirmation" | "awaits_database";
                /**
                 * Format: date-time
                 * @description RFC 3339, in UTC.
                 */
                until: string;
            } | null;
            id: string;
            identity: components["schemas"]["Identity"] | null;
            last_proof_at: string | null;
            method: string;
            /** @description Chosen ad accounts (ids) that this connection has lost, or that are closed to it. */
            missing_accounts: string[];
            missing_scopes: string[];
            name: string;
            /** @description When Evergrant looks by itself whether what needs a person has passed at the platform; `renew` looks at once. Null where it cannot pass, or nothing needs a person. */
            next_look_at: string | null;
            /** @description When it is renewed next, or tried again where that was not possible in time. Null: nothing renews it. */
            next_renewal_at: string | null;
            platform: string;
            /** @description A link that mends this connection and opens nothing else. Null where no new authorization mends it: it is fine or disconnected; what is wrong passes by itself, waits to be confirmed, or is for somebody to mend elsewhere (`who`, `remedy`). `POST /v1/connect-sessions` with its `connection_id` makes a link at any time. */
            reconnect_url: string | null;
            /** @description What they do. */
            remedy: string | null;
            since: string | null;
            state: components["schemas"]["State"];
            /** @description Who has to act. */
            who: string | null;
        };
        ConnectionList: {
            data: components["schemas"]["Connection"][];
            /** @description Null: there are no more. */
            next_cursor: string | null;
        };
        ConnectSession: {
            app_id: string;
            /** @description Why the last try failed. */
            cause: components["schemas"]["Cause"] | null;
            client_id: string;
            /** @description What was made or mended. */
            connection_id: string | null;
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            created_at: string;
            detail: string | null;
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            expires_at: string;
            finished_at: string | null;
            id: string;
            method: string;
            platform: string;
            scopes: string[];
            /** @enum {string} */
            status: "open" | "completed" | "failed" | "expired";
        };
        CreateApiKey: {
            name: string;
            /** @description admin: everything. write: change connections and clients, and read. read: look. token: read tokens. */
            scopes: ("admin" | "write" | "read" | "token")[];
        };
        CreateApp: {
            client_id?: string;
            /** @description Sealed here and never shown again. */
            client_secret?: string;
            /** @default live */
            environment?: components["schemas"]["Environment"];
            name?: string;
            platform: string;
            /** @description The platform’s own settings: see `app_settings` of the platform. */
            settings?: {
                [key: string]: unknown;
            };
        };
        CreateClient: {
            /** @description Your own id for this client; unique. */
            external_id?: string | null;
            name: string;
        };
        CreateConnection: {
            app_id?: string;
            client_id: string;
            /** @description By field id; see `fields` of the platform’s method. */
            fields?: {
                [key: string]: string;
            };
            /** @description An authorized profile, instead of `fields`. */
            grant_id?: string;
            /** @description Default: the platform’s first method. */
            method?: string;
            name?: string;
            /** @description Or `app_id`. */
            platform?: string;
        };
        CreatedApiKey: {
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            created_at: string;
            id: string;
            /** @description The key itself: shown once, kept nowhere. */
            key: string;
            name: string;
            revoked_at: string | null;
            scopes: string[];
        };
        /** @description A moment after which only a person can save a grant, or a part of it. */
        Deadline: {
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            at: string;
            connection_ids: string[];
            days_left: number;
            ends_grant: boolean;
            grant_id: string;
            identity: components["schemas"]["Identity"] | null;
            kind: string;
            /** @description When `deadline.reminded` was last recorded for it; null: not yet, or not since it moved. */
            last_reminded_at: string | null;
            /** @description 30, 14, 7, 3 and 1 days before, each once. */
            next_reminder_at: string | null;
            platform: string;
            source: string;
        };
        DeadlineList: {
            data: components["schemas"]["Deadline"][];
            /** @description Null: there are no more. */
            next_cursor: string | null;
        };
        /** @description Any OAuth 2.0 or OpenID Connect server: with an issuer whose metadata can be read, or with its endpoints. */
        DeclarePlatform: {
            /** @description Where the server does not say it in its answers. */
            access_lifetime_seconds?: number | "never";
            /** @description Where the ad accounts are listed. */
            accounts?: {
                id_path?: string;
                list_path?: string;
                name_path?: string;
                next_path?: string;
                url: string;
            };
            /** @description Sent along to the authorization endpoint. */
            authorize_params?: {
                [key: string]: string;
            };
            /** @description The address that callers of the platform begin with. */
            base_url: string;
            /**
             * @description How the app proves itself. Default client_secret_basic.
             * @enum {string}
             */
            client_auth?: "client_secret_basic" | "client_secret_post" | "private_key_jwt" | "none";
            /**
             * Format: date
             * @description The date of every fact that follows. Default: today.
             */
            declared_on?: string;
            /** @description Of a server without metadata. `issuer` and `jwks` only where ID tokens are to be read. */
            endpoints?: {
                authorization: string;
                introspection?: string;
                issuer?: string;
                jwks?: string;
                revocation?: string;
                token: string;
                userinfo?: string;
            };
            /** @description Further hosts that may be called. */
            extra_hosts?: string[];
            /** @description As in addresses: 2 to 40 lower-case letters, digits and dashes. */
            id: string;
            /** @description Where it stands who signed in. `endpoint`: an address, or token_answer. Default: userinfo, or the ID token. */
            identity?: {
                email_path?: string;
                endpoint?: string;
                id_path: string;
                name_path?: string;
            };
            /** @description Of a server whose metadata can be read (OpenID Connect Discovery, RFC 8414). Or `endpoints`. */
            issuer?: string;
            /** @description As people know it. */
            name: string;
            /**
             * @description Default true.
             * @default true
             */
            pkce?: boolean;
            /**
             * @description From when that counts.
             * @enum {string}
             */
            refresh_clock?: "none" | "from_consent" | "from_renewal";
            /** @description Absent: unknown. */
            refresh_lifetime_seconds?: number | "never";
            /**
             * @description Default refresh_token.
             * @enum {string}
             */
            renewal?: "refresh_token" | "none";
            /**
             * @description Whether a refresh token serves once. Default unknown.
             * @enum {string}
             */
            rotation?: "always" | "never" | "unknown";
            /**
             * @description Default a space.
             * @enum {string}
             */
            scope_separator?: " " | ",";
            /** @description What can be asked for. */
            scopes?: {
                /** @default true */
                by_default?: boolean;
                /** @default  */
                description?: string;
                /** @description What stops without it. */
                features?: string[];
                id: string;
                /** @description Whether the connection works only in part without it. */
                required?: boolean;
            }[];
            /** @description Sent along to the token endpoint. */
            token_params?: {
                [key: string]: string;
            };
            /** @description Token types that are used like `bearer`. */
            token_types?: string[];
        } & {
            [key: string]: unknown;
        };
        Diagnose: {
            /** @description Text, or the JSON itself. */
            body?: unknown;
            /**
             * @default api
             * @enum {string}
             */
            endpoint?: "authorize" | "token" | "api" | "probe" | "revoke";
            /** @default {} */
            headers?: {
                [key: string]: string;
            };
            platform: string;
            status: number;
        };
        /** @description What a platform’s answer means. */
        Diagnosis: {
            /** @description Causes that the answer cannot rule out. */
            acceptable_others: components["schemas"]["Cause"][];
            cause: components["schemas"]["Cause"];
            /** @description The check that decided. */
            check: string;
            explanation: string;
            /** @enum {string} */
            meaning: "transient" | "person_needed" | "app_fault" | "unknown_outcome";
            /** @description No retry and no renewal heals it until somebody acts. */
            permanent: boolean;
            platform_code: string | null;
            platform_message: string | null;
            /** @enum {string} */
            reach: "grant" | "part_of_grant" | "app" | "call" | "platform";
            remedy: string;
            retry_after_seconds: number | null;
            /** @enum {string} */
            who: "nobody" | "authorizing_user" | "account_admin" | "operator" | "platform";
        };
        Disconnect: {
            /**
             * @description True: also where the platform ends other connections with it.
             * @default false
             */
            confirm?: boolean;
        };
        Disconnected: {
            /** @enum {string} */
            at_platform: "revoked" | "still_used" | "not_offered" | "refused";
            notice: string | null;
        };
        /**
         * @description sandbox: the simulated platforms.
         * @enum {string}
         */
        Environment: "live" | "sandbox";
        /** @description From what the cause was read: the platform’s own words and the check that decided. */
        Evidence: {
            acceptable_others: components["schemas"]["Cause"][];
            check: string | null;
            code: string | null;
            confirmed_by: string | null;
            message: string | null;
            status: number | null;
        };
        ForwardClock: {
            /** @description A span: `30s`, `15m`, `36h`, `90d` or `2w`. */
            by?: string;
            /** @description `next_renewal`: to the next renewal of this workspace. `next_deadline`: a minute past its next deadline, so that what ends has ended. Or a moment (RFC 3339) that is still to come. */
            to?: ("next_renewal" | "next_deadline") | string;
        };
        /** @description One authorization: what is renewed, and what breaks. */
        Grant: {
            access_expires_at: string | null;
            app_id: string;
            cause: components["schemas"]["Cause"] | null;
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            consented_at: string;
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            created_at: string;
            credential_version: number;
            deadline_at: string | null;
            environment: components["schemas"]["Environment"];
            evidence: components["schemas"]["Evidence"] | null;
            /** @description What the cause means. */
            explanation: string | null;
            /** @description Failed attempts in a row. */
            failures: number;
            held: {
                /** @enum {string} */
                reason: "refresh_token_may_be_spent" | "app_left_alone" | "asked_a_moment_ago" | "awaits_confirmation" | "awaits_database";
                /**
                 * Format: date-time
                 * @description RFC 3339, in UTC.
                 */
                until: string;
            } | null;
            id: string;
            identity: components["schemas"]["Identity"] | null;
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            issued_at: string;
            last_proof_at: string | null;
            method: string;
            missing_scopes: string[];
            /** @description When it is renewed next, or tried again where that was not possible in time. Null: nothing renews it. */
            next_renewal_at: string | null;
            platform: string;
            /** @description What they do. */
            remedy: string | null;
            renewal_expires_at: string | null;
            scopes_granted: string[];
            scopes_requested: string[];
            since: string | null;
            state: components["schemas"]["State"];
            /** @description Who has to act. */
            who: string | null;
        };
        GrantDetail: {
            access_expires_at: string | null;
            app_id: string;
            cause: components["schemas"]["Cause"] | null;
            connection_ids: string[];
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            consented_at: string;
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            created_at: string;
            credential_version: number;
            deadline_at: string | null;
            environment: components["schemas"]["Environment"];
            evidence: components["schemas"]["Evidence"] | null;
            /** @description What the cause means. */
            explanation: string | null;
            /** @description Failed attempts in a row. */
            failures: number;
            held: {
                /** @enum {string} */
                reason: "refresh_token_may_be_spent" | "app_left_alone" | "asked_a_moment_ago" | "awaits_confirmation" | "awaits_database";
                /**
                 * Format: date-time
                 * @description RFC 3339, in UTC.
                 */
                until: string;
            } | null;
            id: string;
            identity: components["schemas"]["Identity"] | null;
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            issued_at: string;
            last_proof_at: string | null;
            method: string;
            missing_scopes: string[];
            /** @description When it is renewed next, or tried again where that was not possible in time. Null: nothing renews it. */
            next_renewal_at: string | null;
            platform: string;
            /** @description What they do. */
            remedy: string | null;
            renewal_expires_at: string | null;
            scopes_granted: string[];
            scopes_requested: string[];
            since: string | null;
            state: components["schemas"]["State"];
            /** @description Who has to act. */
            who: string | null;
        };
        GrantList: {
            data: components["schemas"]["Grant"][];
            /** @description Null: there are no more. */
            next_cursor: string | null;
        };
        /** @description Who authorized it, as the platform names them. */
        Identity: {
            email: string | null;
            id: string;
            kind: string;
            name: string | null;
        };
        /** @description The time for which a connection could not work: the span to fetch again. */
        Outage: {
            cause: components["schemas"]["Cause"];
            connection_id: string;
            ended_at: string | null;
            grant_id: string;
            id: string;
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            noticed_at: string;
            start_evidence: string;
            /**
             * Format: date-time
             * @description The best estimate of the loss.
             */
            started_at: string;
        };
        OutageList: {
            data: components["schemas"]["Outage"][];
            /** @description Null: there are no more. */
            next_cursor: string | null;
        };
        /** @description What is true about a platform. */
        Platform: {
            aliases: string[];
            app_needs_client: boolean;
            app_settings: {
                choices: string[] | null;
                help: string;
                id: string;
                label: string;
                required: boolean;
            }[];
            /** @description Declared by this workspace, not built in. */
            declared: boolean;
            /** @description Every host that is ever called. */
            hosts: string[];
            id: string;
            methods: components["schemas"]["AuthMethod"][];
            name: string;
            /** @description To be registered at the platform. */
            redirect_uri: string;
            remarks: {
                /** Format: date */
                checked: string;
                /** @enum {string} */
                confidence: "sure" | "likely" | "unverified";
                note?: string;
                source: string;
                text: string;
            }[];
            revocation_notice: string | null;
            /** @description How to register an app. */
            setup: string[];
        };
        PlatformList: {
            data: components["schemas"]["Platform"][];
            /** @description Null: there are no more. */
            next_cursor: string | null;
        };
        Problem: {
            cause?: components["schemas"]["Cause"];
            /**
             * @description Stable; decide on this.
             * @enum {string}
             */
            code: "invalid_request" | "unknown_platform" | "unknown_method" | "invalid_fields" | "unauthorized" | "forbidden" | "method_not_allowed" | "request_timeout" | "head_too_large" | "body_too_large" | "unsupported_media_type" | "not_found" | "conflict" | "reauthorization_required" | "platform_refuses" | "confirmation_required" | "connection_disconnected" | "identity_mismatch" | "clock_fixed" | "clock_moved" | "clock_moving" | "idempotency_conflict" | "link_expired" | "state_invalid" | "consent_denied" | "connect_failed" | "app_failing" | "temporarily_unavailable" | "not_supported" | "internal";
            /** @description With `confirmation_required`: what would end too. */
            connections?: {
                client_id: string;
                id: string;
                name: string;
                platform: string;
            }[];
            /** @description What happened and what to do, for people. */
            detail: string;
            /** @description What is wrong with each member or parameter, by its name. */
            errors?: {
                [key: string]: string;
            };
            /** @description Why it was not asked. */
            held_reason?: string;
            /**
             * Format: date-time
             * @description With `reauthorization_required` of a renewal: the platform was not asked, and may be from then on.
             */
            held_until?: string;
            /** @description With `reauthorization_required`: the link that mends it. */
            reconnect_url?: string;
            /** @description What they do. */
            remedy?: string;
            /** @description When Evergrant tries again by itself. */
            retry_at?: string | null;
            /**
             * Format: date-time
             * @description Since when it is so. RFC 3339, in UTC.
             */
            since?: string;
            status: number;
            title: string;
            /** @description `/problems/{code}`: a page about it. */
            type: string;
            /** @description Who has to act. */
            who?: string;
        } & {
            [key: string]: unknown;
        };
        Renewal: {
            connection: components["schemas"]["ConnectionDetail"];
            diagnosis: components["schemas"]["Diagnosis"] | null;
            /** @description Null unless held. refresh_token_may_be_spent: an answer was lost, and a single-use refresh token rests while the access token works. app_left_alone: the platform refuses the app or is in trouble. asked_a_moment_ago: callers do not multiply the calls to a platform. awaits_confirmation: an earlier second try would confirm nothing. awaits_database: it was renewed while the database was away, and that is put on record first. */
            held_reason: ("refresh_token_may_be_spent" | "app_left_alone" | "asked_a_moment_ago" | "awaits_confirmation" | "awaits_database") | null;
            /** @description When the platform may be asked again; null unless held. */
            held_until: string | null;
            /**
             * @description renewed: a new credential is stored. proven: it was probed and works. failed: see `diagnosis`. nothing: nothing was due. held: the platform was not asked, see `held_reason`. waiting: still under way.
             * @enum {string}
             */
            outcome: "renewed" | "proven" | "failed" | "nothing" | "held" | "waiting";
        };
        ReportedFailure: {
            diagnosis: components["schemas"]["AnswerReading"];
            /** @description When the platform is asked, where it was not asked now: the grant was looked at a moment ago, waits to be confirmed, or its app is left alone; or until when somebody else holds the grant at most. Null: it was asked, or need not be. */
            held_until: string | null;
            state: components["schemas"]["State"];
        };
        ReportFailure: {
            /** @description Text, or the JSON itself. */
            body?: unknown;
            /**
             * @default api
             * @enum {string}
             */
            endpoint?: "authorize" | "token" | "api" | "probe" | "revoke";
            /** @default {} */
            headers?: {
                [key: string]: string;
            };
            status: number;
        };
        StartConnect: {
            /** @description Accept somebody else on a reconnect. Logged. */
            allow_other_identity?: boolean;
            /** @description Default: the workspace’s only app of the platform. */
            app_id?: string;
            /** @description Whose connection it will be. */
            client_id?: string;
            /** @description Makes it a reconnect: same ids, same settings, same identity. */
            connection_id?: string;
            /** @description Default: the platform’s first method. */
            method?: string;
            name?: string;
            /** @description Or `app_id`. */
            platform?: string;
            /** @description Where the page leads afterwards; https, or http for localhost. */
            return_url?: string;
            /** @description Default: the method’s default scopes. */
            scopes?: string[];
        };
        /** @description Send the person to `url`. */
        StartedConnect: {
            /**
             * Format: date-time
             * @description RFC 3339, in UTC.
             */
            expires_at: string;
            id: string;
            url: string;
        };
        /**
         * @description active (“works”): It works. degraded (“works in part”): It works, but something is missing: a permission, or an ad account. failing (“renewal is failing”): Its renewal fails for a reason that is not its death, and is tried again. Once the access token has ended meanwhile, nothing works. suspect (“in doubt”): It may be lost: the platform said so once, and is asked again before that is believed. expired (“broken”): It is lost: a person has to authorize it again. revoked (“disconnected”): It was disconnected on purpose.
         * @enum {string}
         */
        State: "active" | "degraded" | "failing" | "suspect" | "expired" | "revoked";
        Token: {
            access_token: string;
            /** @description Where calls of the platform begin; no slash at its end. In a sandbox: its simulation. */
            base_url: string;
            /** @description Null: it does not end by time. */
            expires_at: string | null;
            /** @description The headers with which to call the platform. */
            headers: {
                [key: string]: string;
            };
        };
        UpdateApp: {
            client_id?: string;
            /** @description Sealed here and never shown again. */
            client_secret?: string;
            name?: string;
            /** @description The platform’s own settings: see `app_settings` of the platform. */
            settings?: {
                [key: string]: unknown;
            };
        };
        UpdateClient: {
            /** @description Your own id for this client; unique. */
            external_id?: string | null;
            name?: string;
        };
        UpdateConnection: {
            /** @description The ad accounts to be used, out of those reachable; one at least. To use none, disconnect the connection. */
            account_ids?: string[];
            name?: string;
        };
        VerifiedActivity: {
            first_broken_seq: number | null;
            intact: boolean;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listActivity: {
        parameters: {
            query?: {
                /** @description Only rows of this action. */
                action?: "api_key.created" | "api_key.refused" | "api_key.revoked" | "app.created" | "app.deleted" | "app.failing" | "app.recovered" | "app.secret_changed" | "app.updated" | "client.created" | "client.deleted" | "client.updated" | "clock.frozen" | "clock.moved" | "clock.resumed" | "connect.begun" | "connect.completed" | "connect.failed" | "connect.link_created" | "connect.other_identity_accepted" | "connect.other_identity_refused" | "connect.state_refused" | "connection.created" | "connection.degraded" | "connection.disconnected" | "connection.reconnected" | "connection.refreshed" | "connection.restored" | "connection.updated" | "deadline.reminded" | "failure.reported" | "grant.active" | "grant.degraded" | "grant.failing" | "grant.suspect" | "grant.expired" | "grant.revoked" | "grant.attempt_failed" | "grant.authorized" | "grant.disconnected" | "grant.renewed" | "grant.retired" | "grant.spared" | "platform.declared" | "platform.declared_anew" | "platform.deleted" | "token.read";
                /** @description The `next_cursor` of the page before: a `seq`. Empty: the first page. */
                cursor?: number;
                /** @description How many rows at most. */
                limit?: number;
                /** @description Only rows about this id. */
                subject?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActivityList"];
                };
            };
        };
    };
    verifyActivity: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VerifiedActivity"];
                };
            };
        };
    };
    listApiKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyList"];
                };
            };
        };
    };
    createApiKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request answers as the first time, and does nothing twice. While the first is under way, the answer is 409 `idempotency_conflict`; an answer of 5xx is not kept. Where a process was killed in between, the request is done anew for whoever sends it ten minutes or more after it began: the first may or may not have been done, so look before you send it again. Keys are kept for a day, in real time also where the clock of a sandbox is moved. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateApiKey"];
            };
        };
        responses: {
            /** @description Created. */
            201: {
                headers: {
                    /** @description Always `no-store`. */
                    "Cache-Control"?: string;
                    /** @description Where it is found. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedApiKey"];
                };
            };
        };
    };
    revokeApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key’s id (`key_…`), from `GET /v1/api-keys` or the answer that made it; not the key itself. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listApps: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. Empty: the first page. */
                cursor?: string;
                /** @description How many rows at most. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppList"];
                };
            };
        };
    };
    createApp: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request answers as the first time, and does nothing twice. While the first is under way, the answer is 409 `idempotency_conflict`; an answer of 5xx is not kept. Where a process was killed in between, the request is done anew for whoever sends it ten minutes or more after it began: the first may or may not have been done, so look before you send it again. Keys are kept for a day, in real time also where the clock of a sandbox is moved. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateApp"];
            };
        };
        responses: {
            /** @description Created. */
            201: {
                headers: {
                    /** @description Where it is found. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["App"];
                };
            };
        };
    };
    getApp: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The app’s id (`app_…`), from `GET /v1/apps`; connections and grants name theirs as `app_id`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppDetail"];
                };
            };
        };
    };
    deleteApp: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The app’s id (`app_…`), from `GET /v1/apps`; connections and grants name theirs as `app_id`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    updateApp: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The app’s id (`app_…`), from `GET /v1/apps`; connections and grants name theirs as `app_id`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["UpdateApp"];
            };
        };
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["App"];
                };
            };
        };
    };
    listClients: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. Empty: the first page. */
                cursor?: string;
                /** @description How many rows at most. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClientList"];
                };
            };
        };
    };
    createClient: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request answers as the first time, and does nothing twice. While the first is under way, the answer is 409 `idempotency_conflict`; an answer of 5xx is not kept. Where a process was killed in between, the request is done anew for whoever sends it ten minutes or more after it began: the first may or may not have been done, so look before you send it again. Keys are kept for a day, in real time also where the clock of a sandbox is moved. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateClient"];
            };
        };
        responses: {
            /** @description Created. */
            201: {
                headers: {
                    /** @description Where it is found. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Client"];
                };
            };
        };
    };
    getClient: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The client’s id (`cli_…`), from `GET /v1/clients`; connections name theirs as `client_id`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Client"];
                };
            };
        };
    };
    deleteClient: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The client’s id (`cli_…`), from `GET /v1/clients`; connections name theirs as `client_id`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    updateClient: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The client’s id (`cli_…`), from `GET /v1/clients`; connections name theirs as `client_id`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["UpdateClient"];
            };
        };
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Client"];
                };
            };
        };
    };
    readClock: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Clock"];
                };
            };
        };
    };
    forwardClock: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request answers as the first time, and does nothing twice. While the first is under way, the answer is 409 `idempotency_conflict`; an answer of 5xx is not kept. Where a process was killed in between, the request is done anew for whoever sends it ten minutes or more after it began: the first may or may not have been done, so look before you send it again. Keys are kept for a day, in real time also where the clock of a sandbox is moved. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ForwardClock"];
            };
        };
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Clock"];
                };
            };
        };
    };
    freezeClock: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request answers as the first time, and does nothing twice. While the first is under way, the answer is 409 `idempotency_conflict`; an answer of 5xx is not kept. Where a process was killed in between, the request is done anew for whoever sends it ten minutes or more after it began: the first may or may not have been done, so look before you send it again. Keys are kept for a day, in real time also where the clock of a sandbox is moved. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Clock"];
                };
            };
        };
    };
    resumeClock: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request answers as the first time, and does nothing twice. While the first is under way, the answer is 409 `idempotency_conflict`; an answer of 5xx is not kept. Where a process was killed in between, the request is done anew for whoever sends it ten minutes or more after it began: the first may or may not have been done, so look before you send it again. Keys are kept for a day, in real time also where the clock of a sandbox is moved. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Clock"];
                };
            };
        };
    };
    stopClock: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request answers as the first time, and does nothing twice. While the first is under way, the answer is 409 `idempotency_conflict`; an answer of 5xx is not kept. Where a process was killed in between, the request is done anew for whoever sends it ten minutes or more after it began: the first may or may not have been done, so look before you send it again. Keys are kept for a day, in real time also where the clock of a sandbox is moved. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Clock"];
                };
            };
        };
    };
    startConnect: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request answers as the first time, and does nothing twice. While the first is under way, the answer is 409 `idempotency_conflict`; an answer of 5xx is not kept. Where a process was killed in between, the request is done anew for whoever sends it ten minutes or more after it began: the first may or may not have been done, so look before you send it again. Keys are kept for a day, in real time also where the clock of a sandbox is moved. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["StartConnect"];
            };
        };
        responses: {
            /** @description Created. */
            201: {
                headers: {
                    /** @description Where it is found. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StartedConnect"];
                };
            };
        };
    };
    getConnectSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The session’s `id` (`ses_…`) from the answer of `POST /v1/connect-sessions`; not the end of its `url`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectSession"];
                };
            };
        };
    };
    listConnections: {
        parameters: {
            query?: {
                /** @description Only those of this client. */
                client_id?: string;
                /** @description The `next_cursor` of the page before. Empty: the first page. */
                cursor?: string;
                /** @description Only those that rest on this grant. */
                grant_id?: string;
                /** @description How many rows at most. */
                limit?: number;
                /** @description Only those of this platform, by id or alias. */
                platform?: string;
                /** @description Only those in this state. */
                state?: components["schemas"]["State"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionList"];
                };
            };
        };
    };
    createConnection: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request answers as the first time, and does nothing twice. While the first is under way, the answer is 409 `idempotency_conflict`; an answer of 5xx is not kept. Where a process was killed in between, the request is done anew for whoever sends it ten minutes or more after it began: the first may or may not have been done, so look before you send it again. Keys are kept for a day, in real time also where the clock of a sandbox is moved. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateConnection"];
            };
        };
        responses: {
            /** @description Created. */
            201: {
                headers: {
                    /** @description Where it is found. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionDetail"];
                };
            };
        };
    };
    getConnection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The connection’s id (`con_…`), from `GET /v1/connections` or the answer that made it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionDetail"];
                };
            };
        };
    };
    updateConnection: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The connection’s id (`con_…`), from `GET /v1/connections` or the answer that made it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["UpdateConnection"];
            };
        };
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionDetail"];
                };
            };
        };
    };
    listReachableAccounts: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The connection’s id (`con_…`), from `GET /v1/connections` or the answer that made it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdAccountList"];
                };
            };
        };
    };
    disconnect: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request answers as the first time, and does nothing twice. While the first is under way, the answer is 409 `idempotency_conflict`; an answer of 5xx is not kept. Where a process was killed in between, the request is done anew for whoever sends it ten minutes or more after it began: the first may or may not have been done, so look before you send it again. Keys are kept for a day, in real time also where the clock of a sandbox is moved. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The connection’s id (`con_…`), from `GET /v1/connections` or the answer that made it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Disconnect"];
            };
        };
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Disconnected"];
                };
            };
        };
    };
    reportFailure: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request answers as the first time, and does nothing twice. While the first is under way, the answer is 409 `idempotency_conflict`; an answer of 5xx is not kept. Where a process was killed in between, the request is done anew for whoever sends it ten minutes or more after it began: the first may or may not have been done, so look before you send it again. Keys are kept for a day, in real time also where the clock of a sandbox is moved. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The connection’s id (`con_…`), from `GET /v1/connections` or the answer that made it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReportFailure"];
            };
        };
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReportedFailure"];
                };
            };
        };
    };
    refreshConnection: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request answers as the first time, and does nothing twice. While the first is under way, the answer is 409 `idempotency_conflict`; an answer of 5xx is not kept. Where a process was killed in between, the request is done anew for whoever sends it ten minutes or more after it began: the first may or may not have been done, so look before you send it again. Keys are kept for a day, in real time also where the clock of a sandbox is moved. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The connection’s id (`con_…`), from `GET /v1/connections` or the answer that made it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionDetail"];
                };
            };
        };
    };
    renewConnection: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request answers as the first time, and does nothing twice. While the first is under way, the answer is 409 `idempotency_conflict`; an answer of 5xx is not kept. Where a process was killed in between, the request is done anew for whoever sends it ten minutes or more after it began: the first may or may not have been done, so look before you send it again. Keys are kept for a day, in real time also where the clock of a sandbox is moved. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The connection’s id (`con_…`), from `GET /v1/connections` or the answer that made it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Renewal"];
                };
            };
        };
    };
    getToken: {
        parameters: {
            query?: {
                /** @description Seconds of its life that the token should have left: it is renewed first when less is left. A wish, no promise: where a renewal fails, or the platform’s tokens live shorter, the freshest that works is handed out. `expires_at` tells how long it works. */
                min_ttl?: number;
            };
            header?: never;
            path: {
                /** @description The connection’s id (`con_…`), from `GET /v1/connections` or the answer that made it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    /** @description Always `no-store`. */
                    "Cache-Control"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"];
                };
            };
        };
    };
    listDeadlines: {
        parameters: {
            query?: {
                /** @description Only those in the next so many days. */
                within_days?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadlineList"];
                };
            };
        };
    };
    diagnose: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request answers as the first time, and does nothing twice. While the first is under way, the answer is 409 `idempotency_conflict`; an answer of 5xx is not kept. Where a process was killed in between, the request is done anew for whoever sends it ten minutes or more after it began: the first may or may not have been done, so look before you send it again. Keys are kept for a day, in real time also where the clock of a sandbox is moved. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Diagnose"];
            };
        };
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnswerReading"];
                };
            };
        };
    };
    listGrants: {
        parameters: {
            query?: {
                /** @description Only those of this app. */
                app_id?: string;
                /** @description The `next_cursor` of the page before. Empty: the first page. */
                cursor?: string;
                /** @description Only those of this identity, by its id at the platform. */
                identity_id?: string;
                /** @description How many rows at most. */
                limit?: number;
                /** @description Only those in this state. */
                state?: components["schemas"]["State"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GrantList"];
                };
            };
        };
    };
    getGrant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The grant’s id (`grt_…`), from `GET /v1/grants`; connections name theirs as `grant_id`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GrantDetail"];
                };
            };
        };
    };
    listOutages: {
        parameters: {
            query?: {
                /** @description Only those of this connection. */
                connection_id?: string;
                /** @description The `next_cursor` of the page before. Empty: the first page. */
                cursor?: string;
                /** @description How many rows at most. */
                limit?: number;
                /** @description true: only those that last. */
                open?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OutageList"];
                };
            };
        };
    };
    listPlatforms: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlatformList"];
                };
            };
        };
    };
    declarePlatform: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request answers as the first time, and does nothing twice. While the first is under way, the answer is 409 `idempotency_conflict`; an answer of 5xx is not kept. Where a process was killed in between, the request is done anew for whoever sends it ten minutes or more after it began: the first may or may not have been done, so look before you send it again. Keys are kept for a day, in real time also where the clock of a sandbox is moved. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["DeclarePlatform"];
            };
        };
        responses: {
            /** @description Created. */
            201: {
                headers: {
                    /** @description Where it is found. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Platform"];
                };
            };
        };
    };
    getPlatform: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The platform’s id or an alias of it, from `GET /v1/platforms`; apps, connections and grants name theirs as `platform`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As asked for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Platform"];
                };
            };
        };
    };
    deletePlatform: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id in its declaration; `GET /v1/platforms` marks what was declared here with `declared`. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
