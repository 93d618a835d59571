-- Nothing ever moved it: when a grant was last written to stands in the activity log, and when it was last tried in
-- last_attempt_at.
alter table grants drop column updated_at;
