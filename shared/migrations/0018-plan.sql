-- Runs of the planning: forecasts and policies of all SKUs, once a business day or when somebody asks for it.
create table plan_run (
  id uuid primary key default uuidv7(),
  -- The first day that it plans for.
  day date not null,
  -- A person's or key's name; null: by the clock.
  requested_by text,
  requested_at timestamptz not null default now(),
  started_at timestamptz,
  -- Moves with each chunk: a run whose worker died is taken up where it was.
  beat_at timestamptz,
  after_sku int not null default 0,
  skus_total int not null default 0,
  skus int not null default 0,
  policies int not null default 0,
  finished_at timestamptz
);
create unique index plan_run_open on plan_run ((true)) where finished_at is null;
create index plan_run_by_time on plan_run (requested_at desc);
