-- What waits is looked for by endpoint: each has a rate of its own.
drop index delivery_waiting;
create index delivery_waiting on delivery (endpoint_id, next_at) where status = 'waiting';
