-- Something that a person must look at, from its cause to its end.
create table alert (
  id uuid primary key default uuidv7(),
  -- Alerts of one family are stages of one trouble: a balance has at most one open alert of a family.
  family text not null check (family in ('stock', 'book', 'supply')),
  kind text not null,
  severity text not null check (severity in ('critical', 'warning', 'info')),
  -- 0 where it is about no single SKU or location.
  sku_no int not null default 0,
  location_no int not null default 0,
  supply_order_no bigint not null default 0,
  status text not null default 'open' check (status in ('open', 'acknowledged', 'resolved')),
  -- Who is asked now: the store's managers, then the region's, then HQ.
  level text not null default 'store' check (level in ('store', 'region', 'hq')),
  -- The company-wide alert that stands for this one, where many stores lack the same SKU.
  group_id uuid references alert (id),
  params jsonb not null default '{}',
  opened_at timestamptz not null default now(),
  -- Moves when the kind gets worse or it opens again: what the first answer is measured from.
  raised_at timestamptz not null default now(),
  owner_id uuid,
  owner_name text,
  acknowledged_at timestamptz,
  -- First answer ever, for the time to acknowledge.
  first_acknowledged_at timestamptz,
  -- An acknowledgement that led nowhere until then expires; an unanswered alert goes one level up.
  due_at timestamptz,
  snoozed_until timestamptz,
  resolved_at timestamptz,
  -- `cause` when it was gone by itself, else a person's name.
  resolved_by text,
  -- When its news was last handed to delivery; null: not yet.
  told_at timestamptz
);
create unique index alert_open on alert (family, sku_no, location_no, supply_order_no) where resolved_at is null;
create index alert_due on alert (due_at) where resolved_at is null;
create index alert_untold on alert (raised_at) where resolved_at is null and told_at is null;
create index alert_by_time on alert (opened_at desc);
create index alert_by_place on alert (location_no, opened_at desc);

-- How fast pieces of a SKU leave a location now: units sold so far on `day`, and their smoothed rate an hour.
create table sale_pace (
  sku_no int not null,
  location_no int not null,
  day date not null,
  units int not null,
  per_hour real not null,
  at timestamptz not null,
  primary key (sku_no, location_no)
) with (fillfactor = 80);
