-- What a session sold by minute also knows from where: how long goods last is worked out place by place.
drop table live_product_minute;
create table live_product_minute (
  session_id text not null,
  sku_no int not null,
  minute timestamptz not null,
  location_no int not null,
  units int not null default 0,
  primary key (session_id, sku_no, minute, location_no)
) with (fillfactor = 50);

-- Told anew from the orders, which are all kept, and not by `refold_live`: of livestreams of dropped months the ledger knows nothing any more.
insert into live_product_minute
select o.session_id, line.sku_no, date_trunc('minute', o.placed_at), o.stock_location_no, sum(line.qty)
from orders o cross join unnest(o.line_sku, o.line_qty) as line (sku_no, qty)
where o.session_id is not null and o.placed_at is not null group by 1, 2, 3, 4;

-- Who plans a show does not know yet which id its platform will give it. Until one begins in that room near that time, the plan has
-- a name of its own (session_id = planned_as), by which it is found for good.
alter table live_plan add column planned_as text unique;

-- Rebuilds what facts and orders add up to, as before; minutes with their places.
create or replace function refold_live() returns void language plpgsql as $$
begin
  -- Ledger transactions wait until it is done, or they would add to what is summed here.
  lock table live_session, live_minute, live_product, live_product_minute, live_mark in exclusive mode;
  delete from live_session;
  delete from live_minute;
  delete from live_product;
  delete from live_product_minute;
  delete from live_mark;

  create temp table live_fact on commit drop as
  select l.type, l.data ->> 'sessionId' as session_id, l.time as at, l.data,
    to_char(l.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || ' ' || s.name || ' ' || l.id as key
  from ledger l join source s on s.no = l.source_no
  where l.type in ('live.started', 'live.ended', 'live.pulse', 'live.featured');
  create index on live_fact (session_id, type);
  insert into sku (code, name_zh, name_en) select code, code, code from (
    select data ->> 'sku' as code from live_fact where type = 'live.featured'
    union select each ->> 'sku' from live_fact, jsonb_array_elements(data -> 'bySku') as each
      where type = 'live.pulse' and jsonb_typeof(data -> 'bySku') = 'array') c
  where not exists (select from sku k where k.code = c.code);

  create temp table live_order on commit drop as
  select row_number() over () as n, o.session_id, o.placed_at, o.total, o.stock_location_no as location_no, o.line_sku,
    o.line_qty, o.line_amount, case when o.method = 'carry' then o.placed_at else o.paid_at end as paid_at,
    (select sum(q) from unnest(o.line_qty) as q) as units,
    (select coalesce(sum((r ->> 'amount')::bigint), 0) from jsonb_array_elements(coalesce(o.refunds, '[]')) as r) as refunded
  from orders o where o.session_id is not null and o.placed_at is not null;

  insert into live_minute
  select session_id, minute, coalesce(max(viewers), 0), sum(entered), sum(likes), sum(comments), sum(clicks), sum(orders),
    sum(units), sum(placed), sum(paid)
  from (
    select session_id, date_trunc('minute', at) as minute, (data ->> 'viewers')::bigint as viewers,
      (data ->> 'entered')::bigint as entered, (data ->> 'likes')::bigint as likes, (data ->> 'comments')::bigint as comments,
      (data ->> 'clicks')::bigint as clicks, 0 as orders, 0 as units, 0::bigint as placed, 0::bigint as paid
    from live_fact where type = 'live.pulse'
    union all
    select session_id, date_trunc('minute', placed_at), null, 0, 0, 0, 0, 1, units, total, 0 from live_order
    union all
    select session_id, date_trunc('minute', paid_at), null, 0, 0, 0, 0, 0, 0, 0, total from live_order
    where paid_at is not null) m
  group by 1, 2;

  insert into live_product
  select session_id, sku_no, location_no, sum(clicks), sum(orders), sum(units), sum(amount)
  from (
    select f.session_id, k.no as sku_no, 0 as location_no, (each ->> 'clicks')::bigint as clicks, 0 as orders, 0 as units,
      0::bigint as amount
    from live_fact f cross join jsonb_array_elements(f.data -> 'bySku') as each join sku k on k.code = each ->> 'sku'
    where f.type = 'live.pulse' and jsonb_typeof(f.data -> 'bySku') = 'array'
    union all
    select o.session_id, p.sku_no, o.location_no, 0, 1, p.units, p.amount
    from live_order o cross join lateral (
      select sku_no, sum(qty) as units, sum(amount) as amount
      from unnest(o.line_sku, o.line_qty, o.line_amount) as line (sku_no, qty, amount) group by 1) p) sold
  group by 1, 2, 3;

  insert into live_product_minute
  select o.session_id, line.sku_no, date_trunc('minute', o.placed_at), o.location_no, sum(line.qty)
  from live_order o cross join unnest(o.line_sku, o.line_qty) as line (sku_no, qty) group by 1, 2, 3, 4;

  insert into live_mark
  select f.session_id, f.at, f.key, k.no, (f.data ->> 'price')::bigint
  from live_fact f join sku k on k.code = f.data ->> 'sku' where f.type = 'live.featured';

  insert into live_session (session_id, started_at, started_key, room_id, host, platform, title, skus, ended_at, pulse_at,
    pulse_key, viewers, peak, entered, likes, comments, clicks, orders, units, placed, paid, refunded, over)
  select i.session_id, b.at, b.key, b.data ->> 'roomId', b.data ->> 'host', b.data ->> 'platform', b.data ->> 'title',
    case when b.data ? 'skus' then array(select jsonb_array_elements_text(b.data -> 'skus')) end, e.at, p.at, p.key,
    coalesce(p.viewers, 0), coalesce(m.peak, 0), coalesce(m.entered, 0), coalesce(m.likes, 0), coalesce(m.comments, 0),
    coalesce(m.clicks, 0), coalesce(m.orders, 0), coalesce(m.units, 0), coalesce(m.placed, 0), coalesce(m.paid, 0),
    coalesce(r.refunded, 0), e.at is not null and (p.at is null or p.at <= e.at)
  from (select session_id from live_fact union select session_id from live_order) i
  left join lateral (select at, key, data from live_fact f where f.session_id = i.session_id and type = 'live.started'
    order by key collate "C" limit 1) b on true
  left join lateral (select max(at) as at from live_fact f where f.session_id = i.session_id and type = 'live.ended') e on true
  left join lateral (select at, key, (data ->> 'viewers')::bigint as viewers from live_fact f
    where f.session_id = i.session_id and type = 'live.pulse' order by key collate "C" desc limit 1) p on true
  left join (
    select session_id, max(viewers) as peak, sum(entered) as entered, sum(likes) as likes, sum(comments) as comments,
      sum(clicks) as clicks, sum(orders) as orders, sum(units) as units, sum(placed) as placed, sum(paid) as paid
    from live_minute group by 1) m on m.session_id = i.session_id
  left join (select session_id, sum(refunded) as refunded from live_order group by 1) r on r.session_id = i.session_id;

  drop table live_fact, live_order;
end
$$;
