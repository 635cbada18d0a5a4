-- What campaigns are expected to do, and what they did.

-- Whom a campaign left out so that its effect can be measured, as it was when its audience was cut: those who fit a rule change with
-- what they buy. Lists of some thousand: a row a member would be as many rows as coupons, for one figure.
create table campaign_holdout (
  campaign_no int not null references campaign on delete cascade,
  part int not null,
  -- Sorted.
  member_nos int[] not null,
  primary key (campaign_no, part)
);

-- What was expected when it was launched (shared/src/campaigns/expect.ts).
alter table campaign add column expected jsonb;

-- What it came to (shared/src/campaigns/report.ts). `final`: nothing of it changes any more, so it is kept as it is.
create table campaign_report (
  campaign_no int primary key references campaign on delete cascade,
  made_at timestamptz not null default now(),
  final boolean not null default false,
  report jsonb not null
);

-- When nothing more can become of a campaign: its coupons have ended, its last group or bargain is over. Null: not launched.
create function campaign_over_at(c campaign) returns timestamptz language sql stable as $$
  select case
    when c.state = 'cancelled' then c.ended_at
    when c.kind <> 'coupon' then c.ended_at + ((c.template->>'hours')::float8 * interval '1 hour')
    when c.template->'validity'->>'kind' = 'fixed' then (c.template->'validity'->>'to')::timestamptz
    when c.give = 'push' then greatest(c.launched_at, c.starts_at) + (c.template->'validity'->>'days')::int * interval '1 day'
    else c.ended_at + (c.template->'validity'->>'days')::int * interval '1 day'
  end
$$;

-- Orders of a span of time. They come by time, so a block range index finds them and costs writers nothing.
create index orders_placed on orders using brin (placed_at) with (pages_per_range = 32, autosummarize = on);
