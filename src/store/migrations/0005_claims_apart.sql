-- What a claim changes moves into narrow rows of its own. A renewal then writes the wide row, with the secrets, once
-- instead of twice, and no index of it: an update in place (HOT). Only the narrow row's own small indexes change.
-- Both rows are written in one statement or transaction, the narrow one first: whoever holds it holds the grant.

-- Before anything is copied: what another process claims meanwhile must be in the copy.
lock table grants in access exclusive mode;

create table grant_claims (
  workspace_id text not null,
  id text not null,
  -- As in grant_records: the walk over what is due passes over apps whose breaker is open.
  app_id text not null,
  due_at timestamptz,
  due_reason text not null,
  urgent_at timestamptz,
  lease_owner text,
  lease_until timestamptz,
  epoch bigint not null,
  primary key (workspace_id, id)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
insert into grant_claims
  select workspace_id, id, app_id, due_at, due_reason, urgent_at, lease_owner, lease_until, epoch from grants;
-- Claims change lease_owner, lease_until and epoch only, none of which is indexed: they are updates in place too.
create index grant_claims_due on grant_claims (due_at) where due_at is not null;
create index grant_claims_urgent on grant_claims (urgent_at) where due_at is not null and urgent_at is not null;

alter table grants
  drop column due_at, drop column due_reason, drop column urgent_at,
  drop column lease_owner, drop column lease_until, drop column epoch;
alter table grants rename to grant_records;
alter table grant_claims add foreign key (workspace_id, id) references grant_records (workspace_id, id);

-- What is read and written whole is kept as the text it is: taking sealed secrets apart into jsonb was a sixth of
-- what the database does for a renewal. Nobody asks what is in them, so the planner needs no statistics either.
alter table grant_records
  alter column secrets type json using secrets::json, alter column facts type json using facts::json;
alter table grant_records
  alter column secrets set storage external, alter column secrets set statistics 0, alter column facts set statistics 0;

-- Out of line, secrets would cost a row and an index entry of their own with every renewal.
alter table grant_records set (toast_tuple_target = 4080);

-- A grant as it is read. Nothing is written through it.
create view grants as select * from grant_records
  join (select workspace_id, id, due_at, due_reason, urgent_at, lease_owner, lease_until, epoch from grant_claims)
    as claims using (workspace_id, id);
