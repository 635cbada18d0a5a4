-- When to restock a SKU at a location, and up to what: as planned from the forecast, or as set by hand, which wins.
-- Columns instead of a document: there may be millions of rows, and every number explains itself from them.
create table policy (
  sku_no int not null,
  location_no int not null,
  -- By revenue (A: what most of it comes from) and by how steady the demand is (X: steady).
  abc text check (abc in ('A', 'B', 'C')),
  xyz text check (xyz in ('X', 'Y', 'Z')),
  service_level real,
  -- Expected units a day, and the standard deviation of one day's demand around it.
  rate real,
  sd real,
  lead_days real,
  lead_sd real,
  review_days int,
  pack_size int not null default 1,
  min_order int not null default 1,
  safety_stock int,
  -- In force: by hand where set, else as planned.
  reorder_point int not null,
  order_up_to int not null,
  hand_reorder_point int,
  hand_order_up_to int,
  hand_by text,
  hand_at timestamptz,
  updated_at timestamptz not null default now(),
  primary key (sku_no, location_no)
);
