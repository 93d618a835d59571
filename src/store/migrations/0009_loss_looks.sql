-- When the ad accounts of a connection that lacks something are looked at again: in the loss, so that it goes with it.
update connections set loss = loss || '{"lookAt": 0}' where loss is not null;
create index connections_to_look_at on connections (((loss ->> 'lookAt')::double precision))
  where loss is not null and status = 'connected';
