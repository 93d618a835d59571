-- As in grant_records, where they never change: the walk over what is due can leave platforms out.
alter table grant_claims add column platform text, add column environment text;
update grant_claims set platform = grant_records.platform, environment = grant_records.environment
  from grant_records
  where grant_records.workspace_id = grant_claims.workspace_id and grant_records.id = grant_claims.id;
alter table grant_claims alter column platform set not null, alter column environment set not null;
