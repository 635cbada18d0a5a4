-- Orders for goods beyond their lines, counts that wait to be looked through, and what lies too long.

-- Whether it sends to stores itself, or only to warehouses.
alter table supplier add column if not exists direct boolean not null default false;
-- The least that its supplier sends.
alter table sku add column if not exists min_order int not null default 1 check (min_order > 0);

-- Open proposals that take from a source, and what was decided lately of a balance.
create index proposal_source on proposal (source_location_no, sku_no) where state = 'open' and source_location_no is not null;
create index proposal_decided on proposal (sku_no, location_no, decided_at) where state = 'rejected';

-- Since when somebody is booking the goods out: it is too late to call the order off.
alter table supply_order add column shipping_at timestamptz;
-- Part of it will never come: what is outstanding was given up.
alter table supply_order add column closed_short boolean not null default false;
alter table supply_order add column sent_how text check (sent_how in ('webhook', 'file'));

-- A delivery that a person took in: what was damaged of it no fact tells. Sent again, it is the same delivery.
create table supply_receipt (
  order_no bigint not null references supply_order (no),
  delivery_id text not null,
  at timestamptz not null default now(),
  by text not null,
  final boolean not null,
  primary key (order_no, delivery_id)
);
create table supply_receipt_line (
  order_no bigint not null,
  delivery_id text not null,
  sku_no int not null,
  -- Arrived, damaged ones included.
  qty int not null check (qty > 0),
  damaged int not null default 0 check (damaged between 0 and qty),
  primary key (order_no, delivery_id, sku_no),
  foreign key (order_no, delivery_id) references supply_receipt
);

-- Proposals that nobody has to look at. One row: the company's.
create table approval_rule (
  one boolean primary key default true check (one),
  kinds text[] not null check (kinds <@ array['transfer', 'warehouse', 'supplier', 'purchase']),
  -- Minor units; both are inclusive.
  max_cost bigint not null check (max_cost >= 0),
  max_qty int not null check (max_qty > 0),
  updated_at timestamptz not null default now(),
  updated_by text not null
);

-- A count as it was read from a file, before it is booked.
create table stock_count (
  id uuid primary key default uuidv7(),
  location_no int not null,
  ref text not null,
  state text not null default 'open' check (state in ('open', 'booked', 'discarded')),
  -- When it was counted: what has moved since is on top of it.
  counted_at timestamptz not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  decided_at timestamptz,
  decided_by text
);
create index stock_count_by_time on stock_count (created_at desc);
create table stock_count_line (
  count_id uuid not null references stock_count (id) on delete cascade,
  sku_no int not null,
  counted int not null check (counted >= 0),
  -- What the book said when the count was handed in.
  book int not null,
  primary key (count_id, sku_no)
);

-- A promotion thought of for what lies too long; nothing is running yet.
create table promotion_draft (
  id uuid primary key default uuidv7(),
  kind text not null check (kind in ('bundle', 'markdown')),
  sku_no int not null,
  location_no int not null,
  -- Bundle: the SKU that it is sold with. Markdown: the share taken off, in percent.
  partner_sku_no int,
  percent_off int check (percent_off between 1 and 90),
  qty int not null check (qty > 0),
  why jsonb not null,
  state text not null default 'draft' check (state in ('draft', 'used', 'discarded')),
  created_at timestamptz not null default now(),
  created_by text not null,
  check ((kind = 'bundle') = (partner_sku_no is not null)),
  check ((kind = 'markdown') = (percent_off is not null))
);
create index promotion_draft_by_balance on promotion_draft (sku_no, location_no) where state = 'draft';

-- How much of the stock lay too long, by day and location. Amounts at cost, minor units.
create table stagnant_day (
  day date not null,
  location_no int not null,
  balances int not null,
  stagnant_balances int not null,
  value bigint not null,
  stagnant_value bigint not null,
  primary key (day, location_no)
);
