-- Reminders of deadlines: when the next one is due, and the latest of each kind. In the wide row, where they seldom
-- change: a renewal leaves the index alone, and what is not due costs a claim nothing.
alter table grant_records add column remind_at timestamptz, add column reminded json not null default '[]';
alter table grant_records alter column reminded set statistics 0;
create index grant_records_remind on grant_records (remind_at) where remind_at is not null;

-- As before, with the new columns.
drop view grants;
create view grants as select * from grant_records
  join (select workspace_id, id, due_at, due_reason, urgent_at, lease_owner, lease_until, epoch from grant_claims)
    as claims using (workspace_id, id);
