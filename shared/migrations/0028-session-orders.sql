-- A livestream finds its orders by this: from which channels they came. Only orders that name a session are in it.
create index orders_by_session on orders (session_id) where session_id is not null;
