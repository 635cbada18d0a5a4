-- A promotion is put again under its name and first day. Until now nothing but hand-written SQL made any: of doubles the newest stays.
delete from promotion p using promotion n
where n.name = p.name and n.from_day = p.from_day and n.id > p.id;
create unique index promotion_key on promotion (name, from_day);
