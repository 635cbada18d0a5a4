-- The append-only record of facts. Everything else can be rebuilt from it.

-- Who sends facts. The counters are written in the transaction of the facts that they count.
create table source (
  no int generated always as identity primary key,
  name text not null unique,
  first_seen_at timestamptz not null default now(),
  last_received_at timestamptz,
  last_event_at timestamptz,
  accepted bigint not null default 0,
  duplicates bigint not null default 0,
  rejected bigint not null default 0
) with (fillfactor = 50);

create sequence ledger_seq;

-- What makes "exactly once": a fact enters the ledger only with its key. A partitioned table can't have a unique key
-- without its partition column, and a fact sent again next month must still be recognised; hence a table of its own.
-- Keys live as long as their ledger rows.
create table ledger_key (
  -- Of `source`. No foreign key: the check would cost half of what the insert does, and sources are never deleted.
  source_no int not null,
  id text not null,
  seq bigint not null default nextval('ledger_seq'),
  primary key (source_no, id)
);

-- Partitioned by month of arrival: retention drops whole partitions.
create table ledger (
  seq bigint not null,
  recorded_on date not null default current_date,
  recorded_at timestamptz not null default now(),
  source_no int not null,
  id text not null,
  type text not null,
  time timestamptz not null,
  data jsonb not null,
  primary key (seq, recorded_on)
) partition by range (recorded_on);

-- Events that did not fit their schema: kept as they came, mended by hand, replayed.
create table rejected_event (
  no bigint generated always as identity primary key,
  received_at timestamptz not null default now(),
  source text,
  event_id text,
  type text,
  code text not null,
  field text,
  detail text not null,
  body text not null,
  state text not null default 'open' check (state in ('open', 'replayed', 'discarded')),
  settled_at timestamptz,
  settled_by text
);
create index rejected_event_open on rejected_event (no) where state = 'open';
