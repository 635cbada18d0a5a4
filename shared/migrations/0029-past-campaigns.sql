-- Coupon campaigns that another system ran, as it tells of them afterwards. Each is a finished campaign like ours, with the coupons
-- that members had and used; here is what only such campaigns have.

create table past_campaign (
  campaign_no int primary key references campaign on delete cascade,
  -- Who tells, and what it calls the campaign: told again it is replaced.
  source text not null,
  source_id text not null,
  -- What it calls this sort of campaign.
  type text,
  -- Of all that was told: told again the same, nothing is written.
  digest bytea not null,
  told_at timestamptz not null default now(),
  unique (source, source_id)
);

-- One campaign of theirs has many coupons, each for some goods.
create table past_coupon (
  no int generated always as identity primary key,
  campaign_no int not null references past_campaign on delete cascade,
  code text not null,
  unique (campaign_no, code)
);
create table past_coupon_sku (
  coupon_no int not null references past_coupon on delete cascade,
  sku_no int not null,
  -- So often it stands in what was told: the files of others name things twice.
  times int not null,
  primary key (coupon_no, sku_no)
);

-- Ours are limited by the room that a code has; theirs have codes of their own.
alter table campaign drop constraint campaign_per_member_check;
alter table campaign add check (per_member between 1 and 15 or template->'offer'->>'kind' = 'told');
