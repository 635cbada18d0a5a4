-- Group-buys and bargains: ours, decided by commands, and those of shops that run their own engine, as facts tell of them.

create table group_buy (
  no bigint generated always as identity primary key,
  -- Ours: a uuid. Theirs: as their facts name it.
  id text not null unique,
  source text not null check (source in ('ours', 'theirs')),
  -- Null: theirs, of a campaign that nobody entered here.
  campaign_no int,
  -- Theirs: as their facts name it.
  campaign_ref text,
  state text not null default 'open' check (state in ('open', 'formed', 'expired')),
  -- Formed: full, or filled up with virtual members at the deadline. Expired: by time, because the last one left, because the
  -- campaign was called off, or because nobody says any more what became of it.
  because text check (because in ('full', 'filled', 'time', 'left', 'cancelled', 'unheard')),
  -- Null: theirs, and nobody told.
  size int check (size between 2 and 100),
  -- Who is in: seats without left_at.
  members int not null default 0 check (members >= 0),
  -- Never members: what was missing at the deadline, where the campaign allows that.
  virtual int not null default 0 check (virtual >= 0),
  leader_no int,
  -- The position of the next seat.
  next_position int not null default 1,
  opened_at timestamptz not null,
  expires_at timestamptz,
  formed_at timestamptz,
  -- When it expired.
  ended_at timestamptz,

  -- Of the template, so that a deadline needs nothing else: from how many members on it is filled up, what the leader gets when it
  -- forms (minor units), and what each seat holds.
  virtual_from int,
  bonus bigint not null default 0,
  hold_skus int[] not null default '{}',
  hold_qtys int[] not null default '{}',
  hold_location int,

  -- What is odd: a difference between what is told and what may be.
  flags text[] not null default '{}',
  check (source = 'theirs' or (size is not null and campaign_no is not null and expires_at is not null
    and members + virtual <= size and (state <> 'formed' or members + virtual = size))),
  check ((state = 'formed') = (formed_at is not null) and (state = 'expired') = (ended_at is not null)),
  check ((state = 'open') = (because is null))
) with (fillfactor = 60);
create index group_buy_due on group_buy (expires_at) where state = 'open';
create index group_buy_formed on group_buy (formed_at) where state = 'formed';
create index group_buy_ended on group_buy (ended_at) where state = 'expired';
create index group_buy_campaign on group_buy (campaign_no, no);
create index group_buy_flagged on group_buy (no) where flags <> '{}';

create table group_seat (
  group_no bigint not null,
  -- In order of joining; who comes first of those who are in leads.
  position int not null,
  member_no int not null,
  joined_at timestamptz not null,
  left_at timestamptz,
  -- Ours: of the member's seats in this campaign it is this one, while it counts for their limit.
  campaign_no int,
  nth smallint not null default 1,
  counts boolean not null default false,
  -- As the shop told it, or an order that names the group and the member.
  order_id text,
  -- Reference of the reservation that holds its pieces.
  held text,
  -- The group is over for this seat: if its order is paid, a refund is to be asked for, and was not yet.
  owes boolean not null default false,
  primary key (group_no, position)
) with (fillfactor = 80);
create unique index group_seat_in on group_seat (group_no, member_no) where left_at is null;
create unique index group_seat_limit on group_seat (campaign_no, member_no, nth) where counts;
create index group_seat_order on group_seat (order_id) where order_id is not null;
create index group_seat_owes on group_seat (group_no, position) where owes and order_id is not null;

-- A refund that the shop is asked for; written with what makes it due, at most once for an order and for a seat.
create table refund_request (
  id uuid primary key default uuidv7(),
  order_id text not null unique,
  group_no bigint not null,
  position int not null,
  -- Minor units: what was paid and not refunded yet.
  amount bigint not null check (amount > 0),
  reason text not null check (reason in ('expired', 'left', 'cancelled')),
  asked_at timestamptz not null default now(),
  -- When it was handed to delivery, and as what.
  told_at timestamptz,
  delivery_id uuid,
  reminders int not null default 0,
  reminded_at timestamptz,
  confirmed_at timestamptz,
  -- `fact`: the order's refund arrived. Else who said so.
  confirmed_by text,
  unique (group_no, position),
  check ((confirmed_at is null) = (confirmed_by is null))
);
create index refund_request_untold on refund_request (id) where told_at is null and confirmed_at is null;
create index refund_request_open on refund_request (asked_at) where confirmed_at is null;

create table bargain (
  no bigint generated always as identity primary key,
  id text not null unique,
  source text not null check (source in ('ours', 'theirs')),
  campaign_no int,
  campaign_ref text,
  -- Whose it is; null: theirs, and only helpers were heard of.
  member_no int,
  state text not null default 'open' check (state in ('open', 'bought', 'expired')),
  -- Minor units. Null: theirs, and nobody told.
  start_price bigint,
  floor_price bigint,
  price bigint,
  helpers int check (helpers > 0),
  -- Who has helped.
  helps int not null default 0,
  -- What they cut in all.
  cut bigint not null default 0,
  buy_anytime boolean not null default true,
  opened_at timestamptz not null,
  expires_at timestamptz,
  bought_at timestamptz,
  bought_price bigint,
  ended_at timestamptz,
  order_id text,
  held text,
  hold_skus int[] not null default '{}',
  hold_qtys int[] not null default '{}',
  hold_location int,
  nth smallint not null default 1,
  counts boolean not null default false,
  flags text[] not null default '{}',
  check (source = 'theirs' or (start_price is not null and campaign_no is not null and expires_at is not null and member_no is not null
    and price = start_price - cut and price >= floor_price and helps <= helpers and (helps < helpers or price = floor_price))),
  check ((state = 'bought') = (bought_at is not null) and (state = 'expired') = (ended_at is not null))
) with (fillfactor = 70);
create index bargain_due on bargain (expires_at) where state = 'open';
create index bargain_campaign on bargain (campaign_no, no);
create index bargain_flagged on bargain (no) where flags <> '{}';
create unique index bargain_limit on bargain (campaign_no, member_no, nth) where counts;

create table bargain_help (
  bargain_no bigint not null,
  -- 1, 2, …: the cut follows from the company's secret, the bargain and this.
  nth int not null,
  member_no int not null,
  -- Minor units; null: theirs, and not told.
  cut bigint check (cut >= 0),
  at timestamptz not null,
  primary key (bargain_no, nth)
);
create unique index bargain_help_member on bargain_help (bargain_no, member_no);

-- What makes cuts unforeseeable. Three random uuids have more than 256 random bits.
create table bargain_secret (
  one boolean primary key default true check (one),
  value bytea not null check (length(value) = 32)
);
insert into bargain_secret (value) values (sha256(convert_to(
  gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));

-- Left by a ledger transaction: facts about groups and bargains that it took (ledger seq), and orders of such. A job takes it.
create table group_touch (
  no bigint generated always as identity primary key,
  fact_seqs bigint[] not null default '{}',
  order_ids text[] not null default '{}',
  at timestamptz not null default now()
);

-- Those facts, by the group or bargain that they name.
create table group_told (
  seq bigint primary key,
  kind text not null check (kind in ('group', 'bargain')),
  ref text not null,
  -- `time source id`: the same order whoever came first.
  key text not null,
  at timestamptz not null,
  step text not null check (step in ('opened', 'joined', 'left', 'helped')),
  campaign_ref text not null,
  member_id text not null,
  order_id text,
  cut bigint
);
create index group_told_ref on group_told (kind, ref);

-- A group or bargain finds its orders by these; only orders that name one are in them.
create index orders_by_group on orders (group_id) where group_id is not null;
create index orders_by_bargain on orders (bargain_id) where bargain_id is not null;

-- What the ledger holds from before is looked at once.
insert into group_touch (fact_seqs)
select array_agg(seq) from (
  select seq, (row_number() over (order by seq) - 1) / 500 as part from ledger
  where type in ('group.opened', 'group.joined', 'group.left', 'bargain.opened', 'bargain.helped')) n
group by part order by part;
insert into group_touch (order_ids)
select array_agg(order_id) from (
  select order_id, (row_number() over (order by order_id) - 1) / 500 as part from orders
  where group_id is not null or bargain_id is not null) n
group by part order by part;
