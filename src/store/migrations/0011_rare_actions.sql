-- Whoever asks for one kind of row does not read past all renewals, which are most of the log. Partial, so that the row of a
-- renewal, found soon in any case, costs this index nothing.
create index activity_rare on activity (workspace_id, action, seq) where action <> 'grant.renewed';
