-- What runs low, what is proposed against it, and what is on its way.

-- Copied from the policy in force, so that the statement that books a sale sees a balance cross it. Null: no policy.
alter table stock add column reorder_point int;
-- Since when available <= reorder_point; null while it is above, or without a policy. Whoever writes on_hand, reserved or
-- reorder_point keeps it: coalesce(low_at, now()) when low, else null.
alter table stock add column low_at timestamptz;
create index stock_low on stock (location_no) where low_at is not null;

-- A job takes signals by deleting them in the transaction of what it does about them.
alter table signal drop column claimed_at;

-- A restock suggested for one SKU at one location.
create table proposal (
  id uuid primary key default uuidv7(),
  sku_no int not null,
  location_no int not null,
  state text not null default 'open' check (state in ('open', 'approved', 'rejected', 'withdrawn')),
  -- transfer: from a store with surplus; warehouse: from HQ or online warehouse; supplier: straight to the location;
  -- purchase: an order of the HQ warehouse for itself.
  source_kind text not null check (source_kind in ('transfer', 'warehouse', 'supplier', 'purchase')),
  source_location_no int,
  supplier text,
  qty int not null check (qty > 0),
  -- Minor units: goods are not counted for a transfer, moving them is.
  cost bigint not null,
  expected_at timestamptz not null,
  -- Inputs and the sources that were not chosen, as shared/src/restock/sourcing.ts describes them.
  why jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  decided_at timestamptz,
  decided_by text,
  reason text,
  approved_qty int check (approved_qty > 0),
  supply_order_no bigint,
  check (source_location_no is not null or source_kind in ('supplier', 'purchase'))
);
create unique index proposal_open on proposal (sku_no, location_no) where state = 'open';
create index proposal_by_state on proposal (state, created_at desc);

-- A transfer or a purchase: goods that are to arrive. Its code (TR-… or PO-…) is the `ref` of the facts that move them.
create table supply_order (
  no bigint generated always as identity primary key,
  code text not null unique,
  kind text not null check (kind in ('transfer', 'purchase')),
  from_location_no int,
  supplier text,
  to_location_no int not null,
  state text not null default 'open' check (state in ('open', 'sent', 'shipped', 'received', 'cancelled')),
  expected_at timestamptz not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  -- When the first signal that led to it was seen: the cycle is measured from here to received_at.
  wanted_at timestamptz not null default now(),
  sent_at timestamptz,
  shipped_at timestamptz,
  received_at timestamptz,
  chased_at timestamptz,
  note text,
  check ((kind = 'transfer') = (from_location_no is not null)),
  check (from_location_no is distinct from to_location_no)
);
create index supply_order_under_way on supply_order (to_location_no) where state in ('open', 'sent', 'shipped');
create index supply_order_by_time on supply_order (created_at desc);

create table supply_order_line (
  order_no bigint not null references supply_order (no),
  sku_no int not null,
  qty int not null check (qty > 0),
  -- Pieces whose arrival a fact has told; damaged ones arrived and are not sold.
  received int not null default 0,
  damaged int not null default 0,
  proposal_id uuid,
  primary key (order_no, sku_no)
);
create index supply_order_line_sku on supply_order_line (sku_no);

-- Arrivals are found by the order's code.
create index stock_movement_arrival on stock_movement (ref) where kind in ('received', 'transfer_in', 'transfer_out');
