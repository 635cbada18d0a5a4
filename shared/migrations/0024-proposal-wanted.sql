-- What was needed when it was proposed, beside the explanation: open proposals are held against what is needed now every
-- half minute, and reading it out of the document costs more than the rest of that look.
alter table proposal add column wanted int generated always as ((why->>'wanted')::int) stored;
alter table proposal add column pack_size int generated always as ((why->>'packSize')::int) stored;

-- Whether a purchase of the warehouse is one that stores wait for, and one of them still does: it lacks the SKU, and nothing
-- is proposed for it or on its way.
create function proposal_awaited(p proposal) returns boolean language sql stable as $$
  select p.source_kind = 'purchase' and jsonb_typeof(p.why->'waiting') = 'object' and exists (
    select from stock w
    where w.sku_no = p.sku_no and w.location_no <> p.location_no and w.low_at is not null
      and w.on_hand - w.reserved + w.inbound <= w.reorder_point
      and not exists (select from proposal o where o.sku_no = w.sku_no and o.location_no = w.location_no and o.state = 'open'))
$$;
