/** What is broken at the simulated Google, and for whom. */
export type Flag =
  | 'account_deleted'
  | 'account_disabled'
  | 'admin_policy'
  | 'api_off'
  | 'client_deleted'
  | 'clock_skew'
  | 'delegated_scope_missing'
  | 'delegation_missing'
  | 'key_deleted'
  | 'key_disabled'
  | 'no_access_empty'
  | 'no_access_refused'
  | 'outage'
  | 'project_not_approved'
  | 'project_suspended'
  | 'quota'
  | 'role_removed'
  | 'service_account_deleted'
  | 'session_length'
  | 'subject_gone';

export class Flags {
  readonly #raised = new Set<string>();

  raise(flag: Flag, key: string): void {
    this.#raised.add(`${flag} ${key}`);
  }

  lower(flag: Flag, key: string): void {
    this.#raised.delete(`${flag} ${key}`);
  }

  has(flag: Flag, ...keys: readonly string[]): boolean {
    return keys.some((key) => this.#raised.has(`${flag} ${key}`));
  }
}
