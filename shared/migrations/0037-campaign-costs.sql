-- What campaigns cost besides what they take off, and whom they are measured by.

-- Advertising that facts name a campaign with: ours by its id, or one of an advertiser's own. Minor units.
create table campaign_spend (
  campaign_id text not null,
  channel text not null,
  amount bigint not null,
  primary key (campaign_id, channel)
);

-- For the facts that came before, and after a restored backup.
create function refold_campaign_spend() returns void language plpgsql as $$
begin
  lock table campaign_spend in exclusive mode;
  delete from campaign_spend;
  insert into campaign_spend
  select data ->> 'campaignId', data ->> 'channel', sum((data ->> 'amount')::bigint)
  from ledger where type = 'spend.recorded' and data ? 'campaignId' group by 1, 2;
end
$$;
select refold_campaign_spend();

-- Who was to be given a coupon, beside who was held out, as both were cut: whoever stops fitting the rule before their turn comes gets
-- none, and would be missing on one side only. Only where somebody is held out. As `campaign_holdout`.
create table campaign_given (
  campaign_no int not null references campaign on delete cascade,
  part int not null,
  -- Sorted.
  member_nos int[] not null,
  primary key (campaign_no, part)
);

-- Reports that were kept for good say the same as those that are made now. What leaders got was missing from the margin of group-buys.
update campaign_report r set report = jsonb_set(jsonb_set(jsonb_set(r.report,
    '{sales,spend}', to_jsonb(coalesce((select sum(s.amount) from campaign_spend s where s.campaign_id = c.id::text), 0)::bigint)),
    '{sales,margin}', case when c.kind = 'group'
      then to_jsonb((r.report #>> '{sales,margin}')::bigint - (r.report #>> '{sales,discount}')::bigint) else r.report #> '{sales,margin}' end),
    '{withoutUplift}', case
      when r.report -> 'uplift' <> 'null' then 'null'
      when exists (select from automation a where a.campaign_no = c.no and a.holdout_percent > 0) then '"automation"'
      when coalesce((c.audience ->> 'holdoutPercent')::int, 0) = 0 then '"nobody_held"'
      when c.kind <> 'coupon' or c.give <> 'push' then '"not_noted"' else '"nobody_yet"' end::jsonb)
from campaign c where c.no = r.campaign_no;
