-- What one connection lacks though its grant works: other connections on the same grant lack it not, or lack something else.
alter table connections add column loss jsonb;
