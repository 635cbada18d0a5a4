-- What happens to alerts, who is not to be told of them, and how their news leaves the house.

-- How grave it was when it was last raised (shared/src/alerts/life.ts): going back there within half an hour is no news.
alter table alert add column peak smallint not null default 1;
-- When its end was last handed to delivery; null: not yet, or its beginning never was.
alter table alert add column end_told_at timestamptz;
create index alert_by_sku on alert (sku_no, location_no, opened_at desc);
create index alert_end_untold on alert (resolved_at) where resolved_at is not null and told_at is not null and end_told_at is null;
create index alert_group on alert (group_id) where group_id is not null;
create index alert_snoozed on alert (snoozed_until) where resolved_at is null and snoozed_until is not null;

-- The history of each alert. `who` is null where nobody but the clock or the goods did it.
create table alert_event (
  no bigint generated always as identity primary key,
  alert_id uuid not null references alert (id),
  at timestamptz not null default now(),
  what text not null,
  who text,
  details jsonb not null default '{}'
);
create index alert_event_alert on alert_event (alert_id, no);

-- Alerts that fit every field that is set are not told, do not escalate and are listed only on demand.
create table alert_silence (
  id uuid primary key default uuidv7(),
  kind text,
  sku_no int,
  category text,
  location_no int,
  region text,
  until timestamptz not null,
  reason text not null,
  by text not null,
  created_at timestamptz not null default now(),
  check (coalesce(kind, category, region) is not null or coalesce(sku_no, location_no) is not null)
);

create function alert_silenced(a alert, at timestamptz) returns boolean language sql stable as $$
  select exists (
    select from alert_silence s
    where s.until > at
      and (s.kind is null or s.kind = a.kind)
      and (s.sku_no is null or s.sku_no = a.sku_no)
      and (s.location_no is null or s.location_no = a.location_no)
      and (s.category is null or s.category = (select k.category from sku k where k.no = a.sku_no))
      and (s.region is null or s.region = (select l.region from location l where l.no = a.location_no)))
$$;

-- Where news is sent: group bots, and machines.
create table delivery_endpoint (
  id uuid primary key default uuidv7(),
  name text not null,
  kind text not null check (kind in ('wecom', 'dingtalk', 'feishu', 'webhook')),
  -- Of a group bot the address is a secret too: whoever has it may write into the group.
  url text not null,
  -- Needed to sign, so it cannot be a hash. Never answered, never logged.
  secret text,
  events text[] not null check (events <> '{}'),
  -- 'all', 'region:<code>' or 'store:<code>'.
  scope text not null default 'all',
  -- Hears only of orders to this supplier.
  supplier text,
  min_severity text not null default 'info' check (min_severity in ('critical', 'warning', 'info')),
  locale text not null,
  per_minute int not null check (per_minute between 1 and 600),
  -- Minutes of the business day between which only what is critical is sent; from > to goes over midnight.
  quiet_from int check (quiet_from between 0 and 1439),
  quiet_to int check (quiet_to between 0 and 1439),
  enabled boolean not null default true,
  -- When the next message may leave, by its rate.
  free_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  deleted_at timestamptz,
  check ((quiet_from is null) = (quiet_to is null))
);

-- One message to one endpoint. Its id is the webhook-id: a receiver that sees it twice knows.
create table delivery (
  id uuid primary key default uuidv7(),
  endpoint_id uuid not null references delivery_endpoint (id),
  event text not null,
  data jsonb not null,
  -- What was sent, without signatures; null before the first try.
  body text,
  status text not null default 'waiting' check (status in ('waiting', 'sent', 'failed')),
  attempts int not null default 0,
  -- When it may be tried (again); while it is being tried, when it counts as lost.
  next_at timestamptz not null default now(),
  last_status int,
  error text,
  created_at timestamptz not null default now(),
  done_at timestamptz
);
create index delivery_waiting on delivery (next_at) where status = 'waiting';
create index delivery_by_time on delivery (created_at desc);
create index delivery_by_endpoint on delivery (endpoint_id, id desc);
