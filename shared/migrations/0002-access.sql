-- People, machines and screens, and what people did. No secret is stored: tokens as SHA-256 (they are random, so a fast
-- hash is enough), passwords as scrypt.

create table users (
  id uuid primary key default uuidv7(),
  email text not null unique check (email = lower(email)),
  name text not null,
  role text not null check (role in ('viewer', 'manager', 'marketer', 'admin')),
  -- What a manager is limited to. Codes, not references: a store may be given to someone before the catalog knows it.
  location_codes text[] not null default '{}',
  region_codes text[] not null default '{}',
  -- Null until a password is set: such a person comes in by a link only.
  password_hash text,
  created_at timestamptz not null default now(),
  disabled_at timestamptz,
  check (role = 'manager' or (location_codes = '{}' and region_codes = '{}'))
);

create table session (
  token_hash text primary key,
  user_id uuid not null references users on delete cascade,
  -- Started by a link, not by a password.
  by_link boolean not null,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  -- Moves on while the session is used.
  expires_at timestamptz not null
);
create index session_by_user on session (user_id);
create index session_expiry on session (expires_at);

create table sign_in_link (
  token_hash text primary key,
  user_id uuid not null references users on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);

create table api_key (
  id uuid primary key default uuidv7(),
  name text not null,
  scopes text[] not null check (scopes <@ array['ingest', 'read', 'command'] and scopes <> '{}'),
  token_hash text not null unique,
  -- The first characters, so that a person can tell which key a file holds.
  prefix text not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);

create table wall (
  id uuid primary key default uuidv7(),
  name text not null,
  scenes text[] not null check (scenes <> '{}'),
  -- 'all', 'region:<code>' or 'store:<code>'.
  scope text not null,
  hide_money boolean not null,
  locale text not null,
  rotate_seconds int not null check (rotate_seconds between 5 and 3600),
  -- Null until the screen has fetched its token.
  token_hash text unique,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz,
  revoked_at timestamptz
);

create table wall_pairing (
  id uuid primary key default uuidv7(),
  -- What the screen shows and an administrator types.
  code text not null unique,
  -- What only the screen knows, and fetches its token with.
  secret_hash text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  -- Wrong secrets so far.
  attempts int not null default 0,
  wall_id uuid references wall on delete cascade
);
create index wall_pairing_expiry on wall_pairing (expires_at);

-- Every change by a person, written in the transaction of the change. Names are kept as they were then.
create table audit_log (
  no bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor_kind text not null check (actor_kind in ('user', 'key', 'operator')),
  actor_id uuid,
  actor_name text not null,
  action text not null,
  target text,
  details jsonb not null default '{}'
);
create index audit_log_actor on audit_log (actor_id, no desc);
create index audit_log_action on audit_log (action, no desc);
