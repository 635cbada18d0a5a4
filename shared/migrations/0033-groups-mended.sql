-- Facts that cannot be folded, several refunds of one seat, whom refunds are asked of, and who was told what became of a group.

-- Why this could not be folded: it is left alone until somebody takes that away. Null: it waits for its turn.
alter table group_touch add column error text;
create index group_touch_waiting on group_touch (no) where error is null;

-- Each paid order is asked back once; a member who paid twice has two of one seat.
alter table refund_request drop constraint refund_request_group_no_position_key;
create index refund_request_seat on refund_request (group_no, position);

-- Whom it was asked of: only that one is reminded. Null: nobody yet, or nobody knows any more.
alter table refund_request add column endpoint_id uuid references delivery_endpoint;
update refund_request r set endpoint_id = d.endpoint_id from delivery d where d.id = r.delivery_id;

-- When the shop was told that it formed or expired. What ended before this is not told any more.
alter table group_buy add column told_at timestamptz;
update group_buy set told_at = now() where state <> 'open' and source = 'ours';
create index group_buy_untold on group_buy (coalesce(formed_at, ended_at))
  where source = 'ours' and state <> 'open' and told_at is null;
