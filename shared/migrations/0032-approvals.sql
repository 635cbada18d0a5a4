-- Who wrote what a second person is asked for, and how much that is.

-- Kind and id of those who changed it since it was made, each once: they must not approve what is dear either.
alter table campaign add column changed_by_refs text[] not null default '{}';
-- What it may take off what its goods are worth at worst, minor units, as it was when it was approved (server/src/campaigns/stake.ts).
-- Null: no bound, or the goods' prices are not known.
alter table campaign add column stake bigint;
update campaign set stake = case when liability = 0 then 0 else least(budget, total * liability) end where approved_at is not null;
