-- What is sold, where it is held, and by whom it is supplied.
-- Facts may name a SKU or a location before the catalog does: such a row is made with known = false, so that nothing
-- waits, and becomes known when the catalog learns of it. Sums join these tables when they are read, so they follow.

create table region (
  code text primary key,
  name_zh text not null,
  name_en text not null
);

create table category (
  code text primary key,
  name_zh text not null,
  name_en text not null
);

create table supplier (
  code text primary key,
  name_zh text not null,
  name_en text not null,
  contact text,
  lead_time_days int,
  updated_at timestamptz not null default now()
);

-- `no` is the short key that the large tables carry instead of the code.
create table location (
  no int generated always as identity primary key,
  code text not null unique,
  known boolean not null default false,
  kind text not null default 'unknown' check (kind in ('store', 'hq_warehouse', 'online_warehouse', 'unknown')),
  name_zh text not null,
  name_en text not null,
  region text,
  city text,
  area_m2 int,
  latitude double precision,
  longitude double precision,
  first_seen_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table sku (
  no int generated always as identity primary key,
  code text not null unique,
  known boolean not null default false,
  name_zh text not null,
  name_en text not null,
  category text,
  brand text,
  -- Minor units.
  cost bigint,
  list_price bigint,
  supplier text,
  lead_time_days int,
  pack_size int not null default 1,
  -- Channels it is exclusive to; empty: sold everywhere.
  exclusive_channels text[] not null default '{}',
  season text,
  first_seen_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index sku_category on sku (category);
create index sku_unknown on sku (no) where not known;
create index location_unknown on location (no) where not known;
