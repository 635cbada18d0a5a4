-- Pieces held for an order that is to come, what each channel leaves on the shelf, and what clerks were asked for.

create table reservation (
  id uuid primary key default uuidv7(),
  -- The id of the order that is to come of it: its `order.placed` takes the pieces over.
  reference text not null,
  channel text not null,
  state text not null default 'open' check (state in ('open', 'fulfilled', 'released', 'expired')),
  -- Whether its pieces are in stock.reserved: while it is open, and fulfilled until the order's fact arrives.
  holds boolean not null default true,
  -- Sorted by (SKU, location), each pair once.
  line_sku int[] not null,
  line_location int[] not null,
  line_qty int[] not null,
  -- When it ends by itself; null: never.
  expires_at timestamptz,
  -- Of what was asked for: whoever asks the same again gets the same.
  request_hash text not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  fulfilled_at timestamptz,
  -- Since when it holds nothing.
  ended_at timestamptz,
  check (holds or state <> 'open'),
  check (holds = (ended_at is null)),
  check (cardinality(line_sku) > 0 and cardinality(line_sku) = cardinality(line_location)
    and cardinality(line_sku) = cardinality(line_qty) and 0 < all (line_qty))
) with (fillfactor = 85);
create unique index reservation_holding on reservation (reference) where holds;
create index reservation_due on reservation (expires_at) where holds;
create index reservation_by_reference on reservation (reference);

-- Pieces of a category that a channel never promises, at each location. Category '*': those without a row of their own.
create table stock_buffer (
  channel text not null,
  category text not null default '*',
  qty int not null check (qty > 0),
  updated_at timestamptz not null default now(),
  primary key (channel, category)
);

-- A customer asked in a shop for what the shop had not got.
create table stock_lookup (
  id uuid primary key default uuidv7(),
  at timestamptz not null default now(),
  sku_no int not null,
  location_no int not null,
  qty int not null default 1 check (qty > 0),
  created_by text not null,
  outcome text check (outcome in ('elsewhere', 'online', 'lost')),
  -- What came of it: the order's id, also while it is a reservation only.
  reference text
);
create index stock_lookup_at on stock_lookup (at);

-- Commands that carried an Idempotency-Key, with what was answered; written with what they did.
create table idempotency_key (
  who text not null,
  key text not null,
  route text not null,
  request_hash text not null,
  answer json,
  created_at timestamptz not null default now(),
  primary key (who, key)
);
create index idempotency_key_age on idempotency_key using brin (created_at);
