-- on hand = sum of movements' delta; reserved = sum of open reservations; available = on hand - reserved.

create table stock (
  sku_no int not null,
  location_no int not null,
  on_hand int not null default 0,
  reserved int not null default 0,
  inbound int not null default 0,
  available int generated always as (on_hand - reserved) virtual,
  -- The newest count: what moved before it is in it already. counted_key settles two counts of the same instant.
  counted_at timestamptz,
  counted_key text,
  -- Time of the newest movement that a later-heard, earlier count would have to look at.
  last_moved_at timestamptz,
  -- Since when it is flagged sold out or oversold; null while there is some.
  flagged_at timestamptz,
  primary key (sku_no, location_no)
) with (fillfactor = 80);
create index stock_by_location on stock (location_no);
create index stock_flagged on stock (flagged_at desc) where flagged_at is not null;

-- Append-only. `qty` is what the fact says, `delta` what it did to the book: 0 where a newer count had seen it already.
create table stock_movement (
  seq bigint not null,
  sku_no int not null,
  location_no int not null,
  kind text not null,
  qty int not null,
  delta int not null,
  at timestamptz not null,
  ref text
);
create index stock_movement_balance on stock_movement (sku_no, location_no, at);

-- Counts of balances by location, kept as balances cross zero: nobody has to count 1.6 million rows to show three numbers.
create table stock_location (
  location_no int primary key,
  balances int not null default 0,
  sold_out int not null default 0,
  oversold int not null default 0
) with (fillfactor = 50);

-- "Look at this", written in the transaction that caused it. A job claims it; see the restock slice.
create table signal (
  no bigint generated always as identity primary key,
  kind text not null,
  sku_no int,
  location_no int,
  at timestamptz not null default now(),
  params jsonb not null default '{}',
  claimed_at timestamptz
);
create index signal_open on signal (no) where claimed_at is null;
