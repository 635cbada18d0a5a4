-- Orders as the facts about them add up, and the rollups that answer every sum.

-- One row an order, also when only a payment or a cancellation of it was heard of yet (placed_at is null then).
-- Lines are parallel arrays: one row to write instead of three, and a step of the order finds its lines without a join.
create table orders (
  order_id text primary key,
  placed_at timestamptz,
  -- Where two different facts place the same order, the smaller (time, source, id) counts, whichever came first.
  placed_key text,
  channel text,
  location_no int,
  stock_location_no int,
  method text,
  member_id text,
  total bigint,
  session_id text,
  group_id text,
  bargain_id text,
  touch text,
  coupon_codes text[],
  line_sku int[],
  line_qty int[],
  -- Minor units of the whole line; the lines add up to `total`.
  line_amount bigint[],
  paid_at timestamptz,
  cancelled_at timestamptz,
  -- When the goods left, by pick-up or shipment.
  gone_at timestamptz,
  delivered_at timestamptz,
  -- [{key, at, amount, lines: [[sku_no, qty]], returnTo: location_no | null}]
  refunds jsonb
) with (fillfactor = 85);
-- Open reservations: the orders whose goods are promised and still here.
create index orders_open on orders (stock_location_no)
  where placed_at is not null and method <> 'carry' and gone_at is null and cancelled_at is null;

-- Minor units. `minute` is when it happened. location_no 0: a refund of an order that nobody placed here yet.
create table sales_minute (
  minute timestamptz not null,
  location_no int not null,
  channel text not null,
  orders int not null default 0,
  units int not null default 0,
  placed bigint not null default 0,
  paid bigint not null default 0,
  refunded bigint not null default 0,
  primary key (minute, location_no, channel)
) with (fillfactor = 70);

-- `day` is the business day in the company's time zone.
create table sales_day (
  day date not null,
  location_no int not null,
  channel text not null,
  orders int not null default 0,
  units int not null default 0,
  placed bigint not null default 0,
  paid bigint not null default 0,
  refunded bigint not null default 0,
  last_sale_at timestamptz,
  primary key (day, location_no, channel)
) with (fillfactor = 50);

-- sku_no 0: a refund without lines. `orders` counts orders that hold the SKU.
create table sales_sku_day (
  sku_no int not null,
  day date not null,
  location_no int not null,
  channel text not null,
  orders int not null default 0,
  units int not null default 0,
  placed bigint not null default 0,
  paid bigint not null default 0,
  refunded bigint not null default 0,
  primary key (sku_no, day, location_no, channel)
) with (fillfactor = 85);
-- Rows of a day lie together, since they are made on that day: a block range index finds them at almost no cost to writers.
create index sales_sku_day_day on sales_sku_day using brin (day) with (pages_per_range = 16, autosummarize = on);

-- Footfall and web traffic, by the hour. location_no 0 for online channels, channel '' for stores.
create table traffic_hour (
  hour timestamptz not null,
  location_no int not null,
  channel text not null,
  entered bigint not null default 0,
  sessions bigint not null default 0,
  views bigint not null default 0,
  carts bigint not null default 0,
  checkouts bigint not null default 0,
  primary key (hour, location_no, channel)
);

-- location_no 0 is the company; without such a row the company's target is the sum of its stores'.
create table target (
  day date not null,
  location_no int not null,
  amount bigint not null check (amount >= 0),
  updated_at timestamptz not null default now(),
  primary key (day, location_no)
);
