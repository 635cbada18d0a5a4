-- One row a ledger transaction: which keys it touched. Publishers read the notes of the transactions that were not
-- visible at their last look (by transaction id, so that a commit that took long is not skipped), then the values themselves.
create table board_change (
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null default now(),
  topics text[] not null,
  minutes timestamptz[] not null default '{}',
  location_nos int[] not null default '{}'
);
create index board_change_xid on board_change (xid);
create index board_change_at on board_change using brin (at);

-- Notable events, newest last. params as in the contract's FeedParams, names looked up when read.
create table feed_item (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  kind text not null,
  sku_no int,
  location_no int,
  params jsonb not null default '{}'
);
