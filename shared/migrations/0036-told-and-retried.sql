-- Fan-outs and their messages that meet trouble: what passes is waited for, what failed can be asked for again.

-- Not tried before then, and how often it was put off in a row. What passes (a full disk, a lock) is no try.
alter table fan_out_chunk add column not_before timestamptz;
alter table fan_out_chunk add column put_off int not null default 0;
