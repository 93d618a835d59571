-- The second wall between workspaces. Whoever is not the tables' owner sees and writes the rows of one workspace alone:
-- the one that the transaction has named in the setting evergrant.workspace; none named, none seen. The owner, as whom
-- the keeper works, is not bound. The role behind the wall and its rights are made at each start (src/store/wall.ts):
-- this user may be allowed to make one later only.
do $each$
declare
  place text;
begin
  foreach place in array array[
    'api_keys', 'data_keys', 'apps', 'clients', 'grant_records', 'grant_claims', 'connections', 'connect_sessions',
    'authorization_attempts', 'outages', 'activity', 'activity_heads', 'idempotency', 'declarations'
  ] loop
    execute format('alter table %I enable row level security', place);
    execute format(
      'create policy one_workspace on %I using (workspace_id = current_setting(''evergrant.workspace'', true))', place);
  end loop;
end
$each$;

-- Behind the wall the index of subjects is out of reach: the database lets only operators that are known to tell nothing
-- of what they compare come before a policy, and @> of arrays is not one. So this reads as the owner, and names the
-- workspace itself: where a wall stands, its workspace and no other.
create function activity_about(workspace text, subject text, named_action text, before_seq bigint, most bigint)
  returns setof activity language plpgsql stable security definer set search_path from current as $body$
begin
  return query execute 'select * from activity where workspace_id = $1 and subjects @> array[$2]
    and ($3 is null or action = $3) and ($4 is null or seq < $4) order by seq desc limit $5'
    using coalesce(nullif(current_setting('evergrant.workspace', true), ''), workspace),
      subject, named_action, before_seq, most;
end
$body$;
revoke execute on function activity_about from public;
