create table meta (
  name text primary key,
  value text not null
) strict;

create table candidates (
  seq integer primary key,
  id text not null unique,
  embedding text,
  text text,
  metadata text not null,
  created_at real not null,
  access_count integer not null,
  success_rate real not null
) strict;

create table decisions (
  seq integer primary key,
  decision_id text not null unique,
  at real not null,
  model text not null,
  use_lightweight integer not null,
  reason text not null,
  prompt_hash text,
  candidate_id text,
  confidence real,
  uncertainty real,
  score real,
  threshold real,
  policy_id text,
  bundle_hash text,
  propensity real not null,
  explored integer not null,
  head_inputs text,
  n_tokens integer,
  inference_time_us real
) strict;

create table outcomes (
  seq integer primary key,
  decision_id text not null unique,
  at real not null,
  scores text not null,
  cost real,
  cost_powerful real,
  tokens_in integer,
  tokens_out integer,
  latency_ms real,
  model text not null,
  use_lightweight integer not null,
  prompt_hash text,
  candidate_id text,
  confidence real,
  score real,
  policy_id text,
  bundle_hash text,
  propensity real not null,
  explored integer not null,
  head_inputs text
) strict;

create table states (
  seq integer primary key,
  kind text not null,
  name text not null,
  version integer not null,
  text text not null,
  unique (kind, name)
) strict;

create table events (
  seq integer primary key,
  kind text not null,
  name text not null,
  version integer not null,
  n integer not null,
  at real not null,
  text text not null,
  unique (kind, name, version, n)
) strict;

create table totals_model (
  model text primary key,
  routes integer not null default 0,
  light integer not null default 0,
  latency_us real not null default 0,
  timed integer not null default 0,
  outcomes integer not null default 0,
  cost real not null default 0,
  saved real not null default 0,
  tokens_in integer not null default 0,
  tokens_out integer not null default 0,
  scored integer not null default 0,
  successes integer not null default 0
) strict;

create table totals_candidate (
  candidate_id text primary key,
  routes integer not null default 0,
  scored integer not null default 0,
  successes integer not null default 0
) strict;

create trigger decision_counted after insert on decisions begin
  insert into totals_model (model, routes, light, latency_us, timed)
    values (new.model, 1, new.use_lightweight, coalesce(new.inference_time_us, 0), new.inference_time_us is not null)
    on conflict (model) do update set routes = routes + excluded.routes, light = light + excluded.light, latency_us = latency_us + excluded.latency_us, timed = timed + excluded.timed;
  insert into totals_candidate (candidate_id, routes)
    select new.candidate_id, 1 where new.candidate_id is not null
    on conflict (candidate_id) do update set routes = routes + excluded.routes;
end;

create trigger outcome_counted after insert on outcomes begin
  insert into totals_model (model, outcomes, cost, saved, tokens_in, tokens_out)
    values (new.model, 1, coalesce(new.cost, 0), coalesce(new.cost_powerful - new.cost, 0), coalesce(new.tokens_in, 0), coalesce(new.tokens_out, 0))
    on conflict (model) do update set outcomes = outcomes + excluded.outcomes, cost = cost + excluded.cost, saved = saved + excluded.saved, tokens_in = tokens_in + excluded.tokens_in, tokens_out = tokens_out + excluded.tokens_out;
  insert into totals_model (model, scored, successes)
    select key, 1, (value >= 0.5) from json_each(new.scores) where true
    on conflict (model) do update set scored = scored + excluded.scored, successes = successes + excluded.successes;
  insert into totals_candidate (candidate_id, scored, successes)
    select new.candidate_id, 1, (value >= 0.5) from json_each(new.scores) where key = new.model and new.candidate_id is not null
    on conflict (candidate_id) do update set scored = scored + excluded.scored, successes = successes + excluded.successes;
end;

create trigger outcome_recounted after update on outcomes begin
  insert into totals_model (model, outcomes, cost, saved, tokens_in, tokens_out)
    values (old.model, -1, -coalesce(old.cost, 0), -coalesce(old.cost_powerful - old.cost, 0), -coalesce(old.tokens_in, 0), -coalesce(old.tokens_out, 0))
    on conflict (model) do update set outcomes = outcomes + excluded.outcomes, cost = cost + excluded.cost, saved = saved + excluded.saved, tokens_in = tokens_in + excluded.tokens_in, tokens_out = tokens_out + excluded.tokens_out;
  insert into totals_model (model, scored, successes)
    select key, -1, -(value >= 0.5) from json_each(old.scores) where true
    on conflict (model) do update set scored = scored + excluded.scored, successes = successes + excluded.successes;
  insert into totals_candidate (candidate_id, scored, successes)
    select old.candidate_id, -1, -(value >= 0.5) from json_each(old.scores) where key = old.model and old.candidate_id is not null
    on conflict (candidate_id) do update set scored = scored + excluded.scored, successes = successes + excluded.successes;
  insert into totals_model (model, outcomes, cost, saved, tokens_in, tokens_out)
    values (new.model, 1, coalesce(new.cost, 0), coalesce(new.cost_powerful - new.cost, 0), coalesce(new.tokens_in, 0), coalesce(new.tokens_out, 0))
    on conflict (model) do update set outcomes = outcomes + excluded.outcomes, cost = cost + excluded.cost, saved = saved + excluded.saved, tokens_in = tokens_in + excluded.tokens_in, tokens_out = tokens_out + excluded.tokens_out;
  insert into totals_model (model, scored, successes)
    select key, 1, (value >= 0.5) from json_each(new.scores) where true
    on conflict (model) do update set scored = scored + excluded.scored, successes = successes + excluded.successes;
  insert into totals_candidate (candidate_id, scored, successes)
    select new.candidate_id, 1, (value >= 0.5) from json_each(new.scores) where key = new.model and new.candidate_id is not null
    on conflict (candidate_id) do update set scored = scored + excluded.scored, successes = successes + excluded.successes;
end;

insert or replace into meta (name, value) values ('schema', '1');
