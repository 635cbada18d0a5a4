-- How many fill a group of a shop that runs its own, as the fact that opened it says.
alter table group_told add column size int;

-- Lists begin with what was opened last, whenever we heard of it.
create index group_buy_opened on group_buy (opened_at, no);
create index bargain_opened on bargain (opened_at, no);
