-- Members: what the database refuses stands aside; what was looked at stays with the occasion.

-- What the database refuses of a touch, which holds nothing else then: it is not taken any more, but tried again with the next touch of
-- the member `about`.
alter table member_touch add column about text, add column error text;
create index member_touch_aside on member_touch (about) where error is not null;

-- What was looked at: buying something else does not end the occasion. Null: they were there and looked at nothing, or it is from before
-- this was kept.
alter table automation_occasion add column sku_no int;
-- The last look before it was switched on: what was looked at until then makes no occasion.
alter table automation add column from_look_no bigint not null default 0;
