-- Who buys: what is known of members, what their orders add up to, their points, and the segments that marketers make of them.

-- One row a member, made the first time that anything names them. It is scanned whole to count a segment, so it holds all that
-- rules look at and nothing else; few indexes, so that a profile that is computed anew is written in place.
create table member (
  no int generated always as identity primary key,
  -- The shop's own id, as facts name it.
  id text not null unique,
  first_seen_at timestamptz not null default now(),
  joined_at timestamptz,
  -- What was said of them, the newest by its own time; see member_said.
  name text,
  phone text,
  level text,
  birthday date,
  -- Month × 100 + day.
  birthday_md smallint generated always as
    ((extract(month from birthday) * 100 + extract(day from birthday))::smallint) virtual,
  -- Medium → whether they may be written to; a medium that is missing was never asked about.
  consents jsonb not null default '{}',
  -- Given by people or shops, sorted.
  tags text[] not null default '{}',
  -- Given by rules (member_tag_rule), sorted.
  auto_tags text[] not null default '{}',
  -- Personal data was erased at their wish; what is said later is not kept either.
  forgotten_at timestamptz,

  -- What their orders add up to: orders that were paid for and not cancelled. Minor units.
  orders int not null default 0,
  units int not null default 0,
  -- Paid − refunded, of all orders.
  net bigint not null default 0,
  refunded bigint not null default 0,
  average_ticket bigint,
  first_order_at timestamptz,
  last_order_at timestamptz,
  -- Days between orders, mean; null before the second.
  gap_days int,
  -- Percent of what they bought that cost less than the list price, or came with a coupon.
  discount_share smallint,
  -- By money; the smaller code where two are even.
  favourite_category text,
  favourite_channel text,
  favourite_location_no int,
  -- All that they bought in, sorted.
  categories text[] not null default '{}',
  channels text[] not null default '{}',
  location_nos int[] not null default '{}',
  last_visit_at timestamptz,
  -- Order or visit, whichever is newer.
  last_seen_at timestamptz generated always as (greatest(last_order_at, last_visit_at)) virtual,
  -- Fifths of all members that bought: 5 is the newest, the most orders, the most money, the largest ticket.
  recency_score smallint,
  frequency_score smallint,
  money_score smallint,
  ticket_score smallint,
  -- Sum of their point_entry rows; below zero where points were spent and their order was refunded then.
  points bigint not null default 0,
  profiled_at timestamptz
) with (fillfactor = 75);
create index member_phone_tail on member (right(phone, 4)) where phone is not null;
create index member_name on member (name text_pattern_ops) where name is not null;

-- Which statement each field of a member is from: field → [key, value], key is `time source id`. Apart from `member`, which is
-- scanned.
create table member_said (
  member_no int primary key references member on delete cascade,
  fields jsonb not null
);

-- Facts of the ledger that say something personal of a member: found again when it is to be erased.
create table member_statement (
  seq bigint primary key,
  member_no int not null references member on delete cascade
);
create index member_statement_by_member on member_statement (member_no);

-- Left by a ledger transaction: whose orders changed, and which facts about members it took (ledger seq). A job takes it.
create table member_touch (
  no bigint generated always as identity primary key,
  member_ids text[] not null default '{}',
  fact_seqs bigint[] not null default '{}',
  at timestamptz not null default now()
);

-- What a member looked at, in a shop or online. Kept for a month.
create table member_look (
  -- Of the ledger: one look a fact.
  seq bigint primary key,
  member_no int not null references member on delete cascade,
  sku_no int not null,
  location_no int,
  channel text,
  at timestamptz not null
);
create index member_look_by_member on member_look (member_no, at);
create index member_look_at on member_look (at);

-- Bounds of the fifths, four of each measure.
create table member_scale (
  one boolean primary key default true check (one),
  -- The last business day for which all members were graded.
  day date,
  last_order timestamptz[] not null,
  orders int[] not null,
  net bigint[] not null,
  ticket bigint[] not null,
  -- Members that bought.
  members int not null,
  made_at timestamptz not null default now()
);

-- Append-only. What an order earns is the sum of its entries: a refund takes back by one more entry.
create table point_entry (
  no bigint generated always as identity primary key,
  member_no int not null references member,
  kind text not null check (kind in ('order', 'spent', 'given')),
  -- kind 'order': the order's id. Else what the command named.
  ref text not null,
  -- Counts the entries of one reference, from 0.
  turn int not null default 0,
  delta bigint not null check (delta <> 0),
  reason text,
  channel text,
  at timestamptz not null default now(),
  created_by text,
  unique (member_no, kind, ref, turn)
);

-- Points for a whole unit of the currency (元), for orders paid from then on until the next row.
create table point_rate (
  from_at timestamptz primary key,
  per_unit numeric(9, 4) not null check (per_unit >= 0 and per_unit <= 1000),
  created_by text
);
insert into point_rate (from_at, per_unit) values ('-infinity', 1);

-- Saved rules; who fits is looked up whenever it is asked.
create table segment (
  id uuid primary key default uuidv7(),
  name text not null,
  description text,
  rule jsonb not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  archived_at timestamptz
);

create unique index segment_name on segment (name) where archived_at is null;

-- Tags that follow from a rule; looked at for a member whenever their profile changes, and for all once a day.
create table member_tag_rule (
  tag text primary key,
  name_zh text not null,
  name_en text not null,
  rule jsonb not null,
  built_in boolean not null default false,
  updated_at timestamptz not null default now()
);
insert into member_tag_rule (tag, name_zh, name_en, built_in, rule) values
  ('new', '新客', 'New', true, '{"all": [{"field": "orders", "min": 1}, {"field": "firstOrderDays", "max": 30}]}'),
  ('old', '老客', 'Old', true, '{"all": [{"field": "orders", "min": 2}, {"field": "firstOrderDays", "min": 180}]}'),
  ('frequent', '常来', 'Frequent', true,
    '{"all": [{"field": "orders", "min": 3}, {"field": "gapDays", "max": 30}, {"field": "recencyDays", "max": 60}]}'),
  ('rare', '少来', 'Rare', true,
    '{"any": [{"field": "gapDays", "min": 90}, {"all": [{"field": "orders", "min": 1, "max": 1}, {"field": "recencyDays", "min": 90}]}]}'),
  ('lapsed', '沉睡', 'Lapsed', true, '{"all": [{"field": "orders", "min": 1}, {"field": "recencyDays", "min": 180}]}'),
  ('price-minded', '看重价格', 'Price-minded', true,
    '{"all": [{"field": "orders", "min": 3}, {"field": "discountShare", "min": 60}]}'),
  ('quality-minded', '看重品质', 'Quality-minded', true,
    '{"all": [{"field": "orders", "min": 2}, {"field": "discountShare", "max": 20}, {"field": "ticketScore", "min": 4}]}');

-- The job finds a member's orders by it.
create index orders_by_member on orders (member_id) where member_id is not null;

-- What the ledger holds from before: every member of an order, and every fact about a member, is looked at once.
insert into member_touch (member_ids)
select array_agg(member_id) from (
  select member_id, (row_number() over (order by member_id) - 1) / 500 as part
  from (select distinct member_id from orders where member_id is not null) m) n
group by part order by part;
insert into member_touch (fact_seqs)
select array_agg(seq) from (
  select seq, (row_number() over (order by seq) - 1) / 500 as part
  from ledger where type in ('member.updated', 'member.visited')) n
group by part order by part;
