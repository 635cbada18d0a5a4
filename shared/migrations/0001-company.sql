-- One row: what the company was founded with. Amounts are stored in minor units of this currency and business days are
-- cut in this time zone, so neither can change later without rewriting the ledger; a start with other settings is refused.
create table company (
  one boolean primary key default true check (one),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  time_zone text not null,
  created_at timestamptz not null default now()
);
