-- Fan-outs and their messages that meet trouble: what passes is waited for, what failed can be asked for again.

-- Not tried before then, and how often it was put off in a row. What passes (a full disk, a lock) is no try.
alter table fan_out_chunk add column not_before timestamptz;
alter table fan_out_chunk add column put_off int not null default 0;

-- A campaign goes to the segment as it was at the launch: audience.rule. Those that were launched before this keep the one of today.
update campaign c set audience = c.audience || jsonb_build_object('rule', s.rule)
from segment s
where c.state in ('scheduled', 'running', 'paused') and c.audience->>'kind' = 'segment' and s.id = (c.audience->>'segmentId')::uuid;

-- Of a message about coupons: whose campaign it is of, and how many members it tells: of whom it is about while it waits, of those who may
-- be written to once it was tried.
alter table delivery add column campaign_id uuid;
alter table delivery add column members int;
update delivery d set campaign_id = (data->>'campaignId')::uuid,
  members = case
    when status = 'sent' and body = '' then 0
    when body like '{"type":%' then (body::jsonb->>'coupons')::int
    when data ? 'members' then jsonb_array_length(data->'members')
    else (
      select count(*) from coupon p join campaign c on c.no = p.campaign_no
      where c.id = (d.data->>'campaignId')::uuid and p.member_no between (d.data->>'from')::int and (d.data->>'to')::int
        and p.issued_at = (d.data->>'at')::timestamptz)
  end
where event = 'coupon.issued';
create index delivery_by_campaign on delivery (campaign_id, endpoint_id, status) include (members) where campaign_id is not null;

-- Said of a member like their phone, and needed as that is: a gateway for mail has to know where to.
alter table member add column mail text;
