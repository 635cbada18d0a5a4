-- The demo company: what it was founded with, and how far its history has been told. Empty in every other company.

-- One row. The same seed and first day make the same catalog and the same facts, so that a stopped demo goes on where it was.
create table demo_company (
  one boolean primary key default true check (one),
  seed text not null,
  -- Business day on which its books open.
  first_day date not null,
  founded_at timestamptz not null default now()
);

-- One row a part: 'catalog', 'targets', 'opening', and 'day:YYYY-MM-DD' for each business day.
create table demo_progress (
  part text primary key,
  -- Rows or facts that the server has answered, of how many.
  done int not null default 0,
  total int not null,
  updated_at timestamptz not null default now()
) with (fillfactor = 50);
