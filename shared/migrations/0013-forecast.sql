-- What is going to be sold, and what was said about it before.

-- The newest forecast of each SKU for the whole company, by day ahead; its locations have a share of it, in parallel arrays.
-- One row a SKU: a row for each location would be fifty times as many, rewritten every night, and say nothing more.
create table forecast (
  sku_no int primary key,
  -- Business day of mean[1].
  first_day date not null,
  made_at timestamptz not null,
  method text not null,
  -- Units by day ahead; four of five days are expected between low and high.
  mean real[] not null,
  low real[] not null,
  high real[] not null,
  -- Units per day over the horizon, and the standard deviation of one day's demand around the forecast.
  rate real not null,
  sd real not null,
  -- Sorted; location_rate adds up to rate.
  location_nos int[] not null,
  location_rate real[] not null,
  location_sd real[] not null,
  check (cardinality(mean) = cardinality(low) and cardinality(mean) = cardinality(high)),
  check (cardinality(location_nos) = cardinality(location_rate) and cardinality(location_nos) = cardinality(location_sd))
) with (fillfactor = 70);

-- The first forecast of each week, kept to be held against what happened.
create table forecast_past (
  sku_no int not null,
  -- Monday of the week of first_day.
  week date not null,
  first_day date not null,
  made_at timestamptz not null,
  method text not null,
  mean real[] not null,
  low real[] not null,
  high real[] not null,
  rate real not null,
  location_nos int[] not null,
  location_rate real[] not null,
  location_sd real[] not null,
  primary key (week, sku_no)
);

-- From when to when nothing of a SKU was available at a location: days without stock are not days without demand.
create table stock_out (
  sku_no int not null,
  location_no int not null,
  since timestamptz not null,
  -- Null while it lasts.
  until timestamptz,
  primary key (sku_no, location_no, since)
);
create index stock_out_open on stock_out (sku_no, location_no) where until is null;
create index stock_out_until on stock_out (until) where until is not null;

-- The company's own promotions, past and planned: what they did to demand is learnt from the past ones.
create table promotion (
  id uuid primary key default uuidv7(),
  name text not null,
  -- Business days, both inclusive.
  from_day date not null,
  to_day date not null,
  -- Of which SKUs: those listed, else those of the category, else all.
  sku_nos int[],
  category text,
  created_at timestamptz not null default now(),
  created_by text not null,
  check (from_day <= to_day),
  check (sku_nos is null or category is null)
);
create index promotion_by_day on promotion (to_day);
