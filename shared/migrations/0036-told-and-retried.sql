-- Fan-outs and their messages that meet trouble: what passes is waited for, what failed can be asked for again.

-- Not tried before then, and how often it was put off in a row. What passes (a full disk, a lock) is no try.
alter table fan_out_chunk add column not_before timestamptz;
alter table fan_out_chunk add column put_off int not null default 0;

-- A campaign goes to the segment as it was at the launch: audience.rule. Those that were launched before this keep the one of today.
update campaign c set audience = c.audience || jsonb_build_object('rule', s.rule)
from segment s
where c.state in ('scheduled', 'running', 'paused') and c.audience->>'kind' = 'segment' and s.id = (c.audience->>'segmentId')::uuid;
