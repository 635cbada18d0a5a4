-- Rules by behaviour: what a member did, or did not do, gives them a coupon of a campaign; a share of them, held out, gets none, so
-- that the effect is measured.

-- What they did there: looked at something, or put it into a basket. Without a SKU: they were there.
alter table member_look alter column sku_no drop not null;
alter table member_look add column act text not null default 'looked' check (act in ('looked', 'basket'));
-- In the order of their commits, since one job at a time writes them: rules read on from the last one that they have seen.
alter table member_look add column no bigint generated always as identity;
create unique index member_look_no on member_look (no);

create table automation (
  -- Part of what draws who is held out.
  no int generated always as identity primary key,
  id uuid not null unique default uuidv7(),
  name text not null,
  -- One campaign, one rule: what members have of it is what the rule gave.
  campaign_no int not null unique references campaign,
  -- What makes an occasion.
  trigger jsonb not null,
  -- Whom it is for besides: a segment or a rule. Null: everybody in the campaign's audience.
  condition jsonb,
  holdout_percent int not null check (holdout_percent between 0 and 50),
  -- So many days after an occasion count for the effect.
  window_days int not null check (window_days between 1 and 180),
  -- At most so many coupons of it for a member in so many days; null: as many as the campaign allows.
  cap_coupons int check (cap_coupons between 1 and 100),
  cap_days int check (cap_days between 1 and 365),
  revision int not null default 1,
  -- Since when it is on; null: it is off.
  on_at timestamptz,
  -- When it was switched on for the first time: from then on only its name and its cap change.
  started_at timestamptz,
  created_at timestamptz not null default now(),
  created_by text not null,
  deleted_at timestamptz,
  -- The last look that it has seen.
  look_no bigint not null default 0,
  -- Birthdays and long absences are looked for once a business day: which one, and up to which member.
  day date,
  swept_to int not null default 0,
  check ((cap_coupons is null) = (cap_days is null)),
  check (on_at is null or (started_at is not null and deleted_at is null))
);

-- A reason to give a member a coupon, and what was decided: once.
create table automation_occasion (
  automation_no int not null references automation on delete cascade,
  member_no int not null,
  -- What tells it from others: the fact that began it, the year of the birthday, or when they came last.
  occasion text not null,
  at timestamptz not null,
  due_at timestamptz not null,
  -- Null: it waits. `given` and `holdout` were drawn; the others came to nothing before the draw.
  outcome text check (outcome in ('given', 'holdout', 'bought', 'unfit', 'capped', 'limit', 'late')),
  decided_at timestamptz,
  -- The limits that held when it was decided: coupons in days, of this rule (0: none) and of all rules.
  cap_coupons smallint,
  cap_days smallint,
  all_coupons smallint,
  all_days smallint,
  -- The member's first draw of this rule: the one whose effect is measured.
  first boolean not null default false,
  -- Paid orders in the window after it, and their money less refunds, minor units; when the window was over.
  orders int,
  net bigint,
  measured_at timestamptz,
  primary key (automation_no, member_no, occasion),
  check ((outcome is null) = (decided_at is null))
) with (fillfactor = 80);
create unique index automation_waiting on automation_occasion (automation_no, member_no) where outcome is null;
create index automation_due on automation_occasion (automation_no, due_at) where outcome is null;
create index automation_drawn on automation_occasion (member_no, decided_at) where outcome in ('given', 'holdout');
create index automation_unmeasured on automation_occasion (automation_no, decided_at) where first and measured_at is null;

-- The company's rule: at most so many coupons of all such rules together for a member in so many days.
create table automation_rule (
  one boolean primary key default true check (one),
  coupons int not null check (coupons between 1 and 100),
  days int not null check (days between 1 and 365),
  updated_at timestamptz not null default now()
);
insert into automation_rule (coupons, days) values (2, 7);
