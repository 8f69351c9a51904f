-- Numbers that only grow: of runs, as people see them, and of leases, by which a write of a former holder is told from one of the present.
create sequence run_numbers;
create sequence lease_numbers;

-- The right to something, until a time by this database's clock.
create table leases (
    name text primary key,
    number bigint not null,
    holder text not null,
    expires_at timestamptz not null
);

-- A run on one target. The plan is the text of a plan file; results are written when it ends, in place of its records.
create table runs (
    id bigint generated always as identity primary key,
    name text not null,
    number bigint not null,
    server text not null,
    target bigint not null,
    started_at timestamptz not null,
    recorded_at timestamptz not null,
    finished boolean not null default false,
    plan bytea not null,
    results bytea,
    summary bytea,
    unique (server, target, name)
);
create index runs_by_server on runs (server, number desc);
create index runs_by_start on runs (started_at);

-- What was recorded of a run that has not ended: a change (by its place in the plan) was announced, or has an outcome.
create table records (
    run bigint not null references runs on delete cascade,
    number bigint not null,
    change integer not null,
    announced_at timestamptz,
    outcome bytea,
    at timestamptz not null default clock_timestamp(),
    primary key (run, number)
);

-- A plan file of changes that a server did not keep, and when that was noticed of each.
create table unkept (
    server text not null,
    target bigint not null,
    changes bytea not null,
    noticed_at timestamptz[] not null,
    primary key (server, target)
);

create table agreements (
    one_server text not null,
    one_user bigint not null,
    other_server text not null,
    other_user bigint not null,
    items bytea not null,
    primary key (one_server, one_user, other_server, other_user)
);
create index agreements_by_other on agreements (other_server, other_user);

-- By the SHA-256 of the question, which may be of any length.
create table readings (
    question bytea primary key,
    body bytea not null,
    written_at timestamptz not null default clock_timestamp()
);

-- Tokens and PINs are encrypted with keys that are not in this database.
create table servers (
    name text primary key,
    definition text not null,
    live boolean not null default false,
    token bytea not null,
    pins bytea not null,
    origin text not null,
    -- Which Plex server it is, once a node has connected to it.
    machine text,
    changed_at timestamptz not null default now()
);

-- Names that differ in capitals alone would be one to people, and to leases.
create unique index servers_by_name on servers (lower(name));

create table jobs (
    server text not null references servers on delete cascade,
    name text not null,
    definition text not null,
    paused boolean not null default false,
    primary key (server, name)
);

-- How each job is doing; it outlives neither the job nor its server.
create table job_states (
    server text not null,
    job text not null,
    began_at timestamptz,
    ended_at timestamptz,
    succeeded_at timestamptz,
    node text,
    written integer,
    failures integer not null default 0,
    error_kind text,
    error text,
    -- Whom the job means, as it found out when it last connected.
    route text,
    primary key (server, job),
    foreign key (server, job) references jobs on delete cascade
);

-- What plex.tv answered, by the SHA-256 of the question; encrypted as tokens are, since some of it is tokens.
create table answers (
    server text not null references servers on delete cascade,
    question bytea not null,
    answer bytea not null,
    ends_at timestamptz not null,
    primary key (server, question)
);
create index answers_by_end on answers (ends_at);

-- Plans that somebody asked for, to be looked at before they are carried out.
create table orders (
    id bigint generated always as identity primary key,
    server text not null references servers on delete cascade,
    job text not null,
    undoes text,
    state text not null,
    plans bytea[],
    run text,
    error text,
    asked_at timestamptz not null default now(),
    changed_at timestamptz not null default now()
);
create index orders_by_server on orders (server, id desc);

-- The nodes that are up, each with the process that has its name.
create table nodes (
    name text primary key,
    version text not null,
    seen_at timestamptz not null,
    process uuid not null
);
