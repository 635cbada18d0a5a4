-- Promotions. A campaign of any kind, its life and what it may cost; then what only coupons need.

create table campaign (
  -- The short key that large tables carry. Part of each coupon's code, where it has 20 bits.
  no int generated always as identity primary key check (no < 1048576),
  id uuid not null unique default uuidv7(),
  kind text not null check (kind in ('coupon', 'group', 'bargain')),
  name text not null,
  state text not null default 'draft'
    check (state in ('draft', 'approved', 'scheduled', 'running', 'paused', 'finished', 'cancelled')),
  -- What members get, by kind.
  template jsonb not null,
  -- Whom it is for; a list of members is in campaign_member.
  audience jsonb not null,
  -- Coupons: pushed to the audience, claimed by members, or given by a rule.
  give text check (give in ('push', 'claim', 'rule')),
  -- At most so many for a member and in all; null: no limit in all.
  per_member int not null default 1 check (per_member between 1 and 15),
  total int check (total > 0),
  -- Minor units. Null: no limit of money.
  budget bigint check (budget >= 0),
  -- What one of it costs at worst, minor units; reserved when it is issued.
  liability bigint not null default 0 check (liability >= 0),
  -- More money than this redeemed in one minute pauses it; null: never.
  brake bigint check (brake > 0),
  starts_at timestamptz,
  ends_at timestamptz,
  created_at timestamptz not null default now(),
  created_by text not null,
  -- Kind and id of who made it, who must not approve what is dear.
  created_by_ref text not null,
  -- Moves with each change of a draft, so that nobody approves what they have not seen.
  revision int not null default 1,
  approved_at timestamptz,
  approved_by text,
  approved_by_ref text,
  launched_at timestamptz,
  -- When its audience was cut into ranges.
  planned_at timestamptz,
  paused_at timestamptz,
  -- Why it stands still: a person, or the brake.
  paused_because text,
  ended_at timestamptz,
  -- When nothing is reserved for any of its coupons any more.
  settled_at timestamptz,

  -- Written with what they count.
  targeted int not null default 0,
  issued int not null default 0,
  failed int not null default 0,
  redeemed int not null default 0,
  -- Redeemed coupons that came back with a refund.
  returned int not null default 0,
  -- Redemptions that facts tell of and that should not have been: shown, not counted.
  conflicts int not null default 0,
  -- Minor units. What may still have to be paid for what was issued, and what was.
  reserved bigint not null default 0,
  spent bigint not null default 0,
  check (starts_at is null or ends_at is null or starts_at < ends_at)
) with (fillfactor = 50);
create index campaign_open on campaign (state) where state in ('scheduled', 'running', 'paused');

-- Audience of a campaign that is for a list of members.
create table campaign_member (
  campaign_no int not null references campaign on delete cascade,
  member_no int not null,
  primary key (campaign_no, member_no)
);

-- What a campaign did in each minute.
create table campaign_minute (
  campaign_no int not null,
  minute timestamptz not null,
  issued int not null default 0,
  redeemed int not null default 0,
  spent bigint not null default 0,
  primary key (campaign_no, minute)
) with (fillfactor = 50);

-- What looks odd: many claims from one source in a minute.
create table campaign_flag (
  campaign_no int not null,
  source text not null,
  minute timestamptz not null,
  claims int not null,
  primary key (campaign_no, source, minute)
);

-- The company's rule. Minor units: what costs more needs a second person.
create table campaign_rule (
  one boolean primary key default true check (one),
  approval_above bigint not null check (approval_above >= 0),
  updated_at timestamptz not null default now()
);
insert into campaign_rule (approval_above) values (5000000);

-- A member's right. Its code is not stored: it is made of its key and signed with the company's secret. No foreign keys: their checks
-- would cost as much as the insert. The key begins with the member, whose wallet is what is asked for.
create table coupon (
  campaign_no int not null,
  member_no int not null,
  -- Which of the member's coupons of this campaign: 1, 2, …
  nth smallint not null,
  state text not null default 'issued' check (state in ('issued', 'redeemed', 'expired', 'void')),
  issued_at timestamptz not null default now(),
  valid_from timestamptz not null,
  -- The first moment at which it is no longer valid.
  valid_to timestamptz not null,
  redeemed_at timestamptz,
  order_id text,
  -- Minor units that it took off.
  amount bigint,
  -- Whether the campaign still keeps money for it: what it may cost at worst, less what it took off.
  open boolean not null default true,
  primary key (member_no, campaign_no, nth)
) with (fillfactor = 90);
-- Coupons of a campaign are issued together and lie together.
create index coupon_campaign on coupon using brin (campaign_no) with (pages_per_range = 32, autosummarize = on);

-- The company's secret, of which each campaign's key is derived. Three random uuids have more than 256 random bits.
create table coupon_secret (
  one boolean primary key default true check (one),
  value bytea not null check (length(value) = 32)
);
insert into coupon_secret (value) values (sha256(convert_to(
  gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));

-- A range of member numbers that gets its coupons in one transaction, with the messages about them.
create table fan_out_chunk (
  campaign_no int not null references campaign on delete cascade,
  chunk int not null,
  -- Inclusive.
  from_member int not null,
  to_member int not null,
  -- Of the audience, when it was cut.
  members int not null,
  state text not null default 'waiting' check (state in ('waiting', 'done', 'failed')),
  -- Of the audience in this range: got one, had one, got none because number or money were used up.
  issued int not null default 0,
  had int not null default 0,
  failed int not null default 0,
  tries int not null default 0,
  error text,
  done_at timestamptz,
  ms int,
  primary key (campaign_no, chunk)
) with (fillfactor = 70);
create index fan_out_waiting on fan_out_chunk (campaign_no, chunk) where state = 'waiting';

-- A coupon used for an order: decided by us, or told by facts, which may come in any order. What became of the coupon is a function
-- of the set of its uses and of their orders.
create table coupon_use (
  code text not null,
  order_id text not null,
  at timestamptz not null,
  -- Decided by us before it happened.
  decided boolean not null default false,
  -- Minor units that it took off; null: not known yet.
  amount bigint,
  -- The basket as a fact told it: [[sku, qty, unit price, discount]].
  lines jsonb,
  channel text,
  location text,
  -- Null until it is folded. `odd`: no coupon of ours has this code.
  verdict text check (verdict in ('counted', 'conflict', 'late', 'void', 'returned', 'odd')),
  -- Something changed since it was folded.
  dirty boolean not null default true,
  primary key (code, order_id)
);
create index coupon_use_order on coupon_use (order_id);
create index coupon_use_dirty on coupon_use (code) where dirty;
create index coupon_use_conflict on coupon_use (at) where verdict in ('conflict', 'late', 'void', 'odd');

-- Left by a ledger transaction: uses of coupons that its facts tell of, and orders that it cancelled or refunded. A job takes it.
create table coupon_touch (
  no bigint generated always as identity primary key,
  uses jsonb not null default '[]',
  order_ids text[] not null default '{}',
  at timestamptz not null default now()
);

-- Whose consent a gateway needs, e.g. 'sms': messages to members go only to those who gave it. Null: nobody is written to, the
-- receiver only keeps the coupons.
alter table delivery_endpoint add column medium text;
