-- Whoever asks for what is broken does not read all that works. Partial, and of a column that a renewal does not change:
-- renewals leave it alone.
create index grant_records_not_active on grant_records (workspace_id, state) where state <> 'active';
