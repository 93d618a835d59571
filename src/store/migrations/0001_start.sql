-- Every table leads with workspace_id, so that the database can be sharded by workspace. The look-ups by a secret's
-- hash and the keeper's claims cross workspaces; their indexes are therefore not unique.
-- Time never comes from the database: no statement here or elsewhere asks it for the current moment.

create table workspaces (
  id text primary key,
  name text not null,
  created_at timestamptz not null
);

create table api_keys (
  workspace_id text not null references workspaces,
  id text not null,
  name text not null,
  hash text not null,
  scopes text[] not null,
  created_at timestamptz not null,
  revoked_at timestamptz,
  primary key (workspace_id, id)
);
create index api_keys_hash on api_keys (hash);

-- One row: which master key the data keys are wrapped by, and how to check it.
create table master_key_check (
  one boolean primary key default true check (one),
  master_key_id text not null,
  "check" text not null
);

create table data_keys (
  workspace_id text not null,
  id text not null,
  wrapped text not null,
  master_key_id text not null,
  created_at timestamptz not null,
  primary key (workspace_id, id)
);
create unique index data_keys_one_per_workspace on data_keys (workspace_id);

create table apps (
  workspace_id text not null references workspaces,
  id text not null,
  platform text not null,
  environment text not null,
  name text not null,
  client_id text not null,
  client_secret text,
  secret_version integer not null,
  settings jsonb not null,
  breaker jsonb,
  breaker_open_until bigint generated always as ((breaker ->> 'openUntil')::bigint) stored,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
create index apps_newest on apps (workspace_id, created_at, id);
create index apps_with_breaker on apps (workspace_id, id) where breaker_open_until is not null;

create table clients (
  workspace_id text not null references workspaces,
  id text not null,
  name text not null,
  external_id text,
  created_at timestamptz not null,
  primary key (workspace_id, id)
);
create index clients_newest on clients (workspace_id, created_at, id);
create unique index clients_external_id on clients (workspace_id, external_id) where external_id is not null;

-- Claims change lease_owner, lease_until and epoch only: none of them is indexed and pages are left some room, so
-- that a claim is an update in place (HOT) which touches no index.
create table grants (
  workspace_id text not null,
  id text not null,
  app_id text not null,
  platform text not null,
  method text not null,
  environment text not null,
  state text not null,
  cause text,
  state_since timestamptz not null,
  evidence jsonb,
  pending jsonb,
  identity jsonb,
  identity_id text generated always as (identity ->> 'id') stored,
  facts jsonb not null,
  secrets jsonb not null,
  credential_version integer not null,
  due_at timestamptz,
  due_reason text not null,
  urgent_at timestamptz,
  renew_at timestamptz,
  deadline_at timestamptz,
  failures integer not null,
  last_attempt_at timestamptz,
  lease_owner text,
  lease_until timestamptz,
  epoch bigint not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
create index grants_due on grants (due_at) where due_at is not null;
create index grants_urgent on grants (urgent_at) where due_at is not null and urgent_at is not null;
create index grants_deadline on grants (workspace_id, deadline_at) where deadline_at is not null;
create index grants_newest on grants (workspace_id, created_at, id);
create index grants_app on grants (workspace_id, app_id, identity_id);

create table connections (
  workspace_id text not null,
  id text not null,
  client_id text not null,
  grant_id text not null,
  name text not null,
  accounts jsonb not null,
  status text not null,
  created_at timestamptz not null,
  disconnected_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, client_id) references clients (workspace_id, id),
  foreign key (workspace_id, grant_id) references grants (workspace_id, id)
);
create index connections_newest on connections (workspace_id, created_at, id);
create index connections_client on connections (workspace_id, client_id);
create index connections_grant on connections (workspace_id, grant_id);

create table connect_sessions (
  workspace_id text not null references workspaces,
  id text not null,
  token_hash text not null,
  client_id text not null,
  connection_id text,
  platform text not null,
  method text not null,
  app_id text not null,
  scopes text[] not null,
  connection_name text not null,
  allow_other_identity boolean not null,
  return_url text,
  status text not null,
  cause text,
  detail text,
  result_connection_id text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  finished_at timestamptz,
  primary key (workspace_id, id)
);
create index connect_sessions_token on connect_sessions (token_hash);

create table authorization_attempts (
  workspace_id text not null,
  state_hash text not null,
  session_id text not null,
  code_verifier text,
  nonce text not null,
  browser_hash text not null,
  redirect_uri text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (workspace_id, state_hash)
);
create index authorization_attempts_state on authorization_attempts (state_hash);

create table outages (
  workspace_id text not null,
  id text not null,
  connection_id text not null,
  grant_id text not null,
  cause text not null,
  started_at timestamptz not null,
  start_evidence text not null,
  noticed_at timestamptz not null,
  ended_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, connection_id) references connections (workspace_id, id)
);
create unique index outages_one_open on outages (workspace_id, connection_id) where ended_at is null;
create index outages_newest on outages (workspace_id, noticed_at, id);
create index outages_connection on outages (workspace_id, connection_id, noticed_at);
create index outages_open on outages (workspace_id, grant_id) where ended_at is null;

create table activity (
  workspace_id text not null,
  seq bigint not null,
  at timestamptz not null,
  actor text not null,
  action text not null,
  subjects text[] not null,
  detail jsonb not null,
  hash text not null,
  primary key (workspace_id, seq)
);
create index activity_subjects on activity using gin (subjects);

-- Where each workspace's chain ends: the row that writers of the chain queue at, and proof that no tail was cut off.
create table activity_heads (
  workspace_id text primary key,
  seq bigint not null,
  hash text not null
) with (fillfactor = 50);

create function refuse_change_of_activity() returns trigger language plpgsql as $body$
begin
  raise exception 'The activity log is append-only: % is refused.', tg_op using errcode = 'insufficient_privilege';
end
$body$;
create trigger activity_is_append_only before update or delete on activity
  for each row execute function refuse_change_of_activity();
create trigger activity_is_not_truncated before truncate on activity
  for each statement execute function refuse_change_of_activity();

create table idempotency (
  workspace_id text not null,
  key text not null,
  request_hash text not null,
  status integer,
  body text,
  created_at timestamptz not null,
  primary key (workspace_id, key)
);
create index idempotency_age on idempotency (created_at);

create table declarations (
  workspace_id text not null references workspaces,
  id text not null,
  declaration jsonb not null,
  discovered jsonb,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);
