alter table outcomes add column cost_asked real;

alter table totals_model add column saved_on_asked real not null default 0;

create table totals_owner (
  owner text not null,
  model text not null,
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
  successes integer not null default 0,
  shadow_cost real not null default 0,
  judge_cost real not null default 0,
  saved_on_asked real not null default 0,
  unique (owner, model)
) strict;

insert into totals_owner (owner, model, routes, light, latency_us, timed) select owner, model, count(*), sum(use_lightweight), sum(coalesce(inference_time_us, 0)), sum(inference_time_us is not null) from decisions where owner is not null group by owner, model;

insert into totals_owner (owner, model, outcomes, cost, saved, tokens_in, tokens_out, shadow_cost, judge_cost) select owner, model, count(*), sum(coalesce(cost, 0)), sum(coalesce(cost_powerful - cost, 0)), sum(coalesce(tokens_in, 0)), sum(coalesce(tokens_out, 0)), sum(coalesce(shadow_cost, 0)), sum(coalesce(judge_cost, 0)) from outcomes where owner is not null group by owner, model on conflict (owner, model) do update set outcomes = excluded.outcomes, cost = excluded.cost, saved = excluded.saved, tokens_in = excluded.tokens_in, tokens_out = excluded.tokens_out, shadow_cost = excluded.shadow_cost, judge_cost = excluded.judge_cost;

update totals_owner set saved = saved - shadow_cost - judge_cost, saved_on_asked = - shadow_cost - judge_cost;

update totals_model set saved_on_asked = - shadow_cost - judge_cost;

drop trigger decision_counted;

drop trigger outcome_counted;

drop trigger outcome_recounted;

create trigger decision_counted after insert on decisions begin
  insert into totals_model (model, routes, light, latency_us, timed)
    select new.model, 1, new.use_lightweight, coalesce(new.inference_time_us, 0), new.inference_time_us is not null where 1
      and (new.model in (select model from totals_model) or (select coalesce(max(rowid), 0) from totals_model) < 1000)
    on conflict (model) do update set routes = max(min(routes + excluded.routes, 9007199254740991), -9007199254740991), light = max(min(light + excluded.light, 9007199254740991), -9007199254740991), latency_us = max(min(latency_us + excluded.latency_us, 9007199254740991), -9007199254740991), timed = max(min(timed + excluded.timed, 9007199254740991), -9007199254740991);
  insert into totals_owner (owner, model, routes, light, latency_us, timed)
    select new.owner, new.model, 1, new.use_lightweight, coalesce(new.inference_time_us, 0), new.inference_time_us is not null where new.owner is not null
      and (exists (select 1 from totals_owner where (owner, model) = (new.owner, new.model)) or (select coalesce(max(rowid), 0) from totals_owner) < 10000)
    on conflict (owner, model) do update set routes = max(min(routes + excluded.routes, 9007199254740991), -9007199254740991), light = max(min(light + excluded.light, 9007199254740991), -9007199254740991), latency_us = max(min(latency_us + excluded.latency_us, 9007199254740991), -9007199254740991), timed = max(min(timed + excluded.timed, 9007199254740991), -9007199254740991);
  insert into totals_candidate (candidate_id, routes)
    select new.candidate_id, 1 where new.candidate_id is not null
      and (new.candidate_id in (select candidate_id from totals_candidate) or new.candidate_id in (select id from candidates) or (select coalesce(max(rowid), 0) from totals_candidate) < 10000)
    on conflict (candidate_id) do update set routes = max(min(routes + excluded.routes, 9007199254740991), -9007199254740991);
end;

create trigger outcome_counted after insert on outcomes begin
  insert into totals_model (model, outcomes, cost, saved, tokens_in, tokens_out, shadow_cost, judge_cost, saved_on_asked)
    select new.model, 1, coalesce(new.cost, 0), (coalesce(new.cost_powerful - new.cost, 0) - coalesce(new.shadow_cost, 0) - coalesce(new.judge_cost, 0)), coalesce(new.tokens_in, 0), coalesce(new.tokens_out, 0), coalesce(new.shadow_cost, 0), coalesce(new.judge_cost, 0), (coalesce(new.cost_asked - new.cost, 0) - coalesce(new.shadow_cost, 0) - coalesce(new.judge_cost, 0)) where 1
      and (new.model in (select model from totals_model) or (select coalesce(max(rowid), 0) from totals_model) < 1000)
    on conflict (model) do update set outcomes = max(min(outcomes + excluded.outcomes, 9007199254740991), -9007199254740991), cost = max(min(cost + excluded.cost, 9007199254740991), -9007199254740991), saved = max(min(saved + excluded.saved, 9007199254740991), -9007199254740991), tokens_in = max(min(tokens_in + excluded.tokens_in, 9007199254740991), -9007199254740991), tokens_out = max(min(tokens_out + excluded.tokens_out, 9007199254740991), -9007199254740991), shadow_cost = max(min(shadow_cost + excluded.shadow_cost, 9007199254740991), -9007199254740991), judge_cost = max(min(judge_cost + excluded.judge_cost, 9007199254740991), -9007199254740991), saved_on_asked = max(min(saved_on_asked + excluded.saved_on_asked, 9007199254740991), -9007199254740991);
  insert into totals_owner (owner, model, outcomes, cost, saved, tokens_in, tokens_out, shadow_cost, judge_cost, saved_on_asked)
    select new.owner, new.model, 1, coalesce(new.cost, 0), (coalesce(new.cost_powerful - new.cost, 0) - coalesce(new.shadow_cost, 0) - coalesce(new.judge_cost, 0)), coalesce(new.tokens_in, 0), coalesce(new.tokens_out, 0), coalesce(new.shadow_cost, 0), coalesce(new.judge_cost, 0), (coalesce(new.cost_asked - new.cost, 0) - coalesce(new.shadow_cost, 0) - coalesce(new.judge_cost, 0)) where new.owner is not null
      and (exists (select 1 from totals_owner where (owner, model) = (new.owner, new.model)) or (select coalesce(max(rowid), 0) from totals_owner) < 10000)
    on conflict (owner, model) do update set outcomes = max(min(outcomes + excluded.outcomes, 9007199254740991), -9007199254740991), cost = max(min(cost + excluded.cost, 9007199254740991), -9007199254740991), saved = max(min(saved + excluded.saved, 9007199254740991), -9007199254740991), tokens_in = max(min(tokens_in + excluded.tokens_in, 9007199254740991), -9007199254740991), tokens_out = max(min(tokens_out + excluded.tokens_out, 9007199254740991), -9007199254740991), shadow_cost = max(min(shadow_cost + excluded.shadow_cost, 9007199254740991), -9007199254740991), judge_cost = max(min(judge_cost + excluded.judge_cost, 9007199254740991), -9007199254740991), saved_on_asked = max(min(saved_on_asked + excluded.saved_on_asked, 9007199254740991), -9007199254740991);
  insert into totals_model (model, scored, successes)
    select key, 1, (value >= 0.5) from json_each(new.scores) where 1
      and (key in (select model from totals_model) or (select coalesce(max(rowid), 0) from totals_model) < 500)
    on conflict (model) do update set scored = max(min(scored + excluded.scored, 9007199254740991), -9007199254740991), successes = max(min(successes + excluded.successes, 9007199254740991), -9007199254740991);
  insert into totals_candidate (candidate_id, scored, successes)
    select new.candidate_id, 1, (value >= 0.5) from json_each(new.scores) where key = new.model and new.candidate_id is not null
      and (new.candidate_id in (select candidate_id from totals_candidate) or new.candidate_id in (select id from candidates) or (select coalesce(max(rowid), 0) from totals_candidate) < 10000)
    on conflict (candidate_id) do update set scored = max(min(scored + excluded.scored, 9007199254740991), -9007199254740991), successes = max(min(successes + excluded.successes, 9007199254740991), -9007199254740991);
end;

create trigger outcome_recounted after update on outcomes begin
  insert into totals_model (model, outcomes, cost, saved, tokens_in, tokens_out, shadow_cost, judge_cost, saved_on_asked)
    select old.model, -1, -coalesce(old.cost, 0), -(coalesce(old.cost_powerful - old.cost, 0) - coalesce(old.shadow_cost, 0) - coalesce(old.judge_cost, 0)), -coalesce(old.tokens_in, 0), -coalesce(old.tokens_out, 0), -coalesce(old.shadow_cost, 0), -coalesce(old.judge_cost, 0), -(coalesce(old.cost_asked - old.cost, 0) - coalesce(old.shadow_cost, 0) - coalesce(old.judge_cost, 0)) where 1
      and (old.model in (select model from totals_model) or (select coalesce(max(rowid), 0) from totals_model) < 1000)
    on conflict (model) do update set outcomes = max(min(outcomes + excluded.outcomes, 9007199254740991), -9007199254740991), cost = max(min(cost + excluded.cost, 9007199254740991), -9007199254740991), saved = max(min(saved + excluded.saved, 9007199254740991), -9007199254740991), tokens_in = max(min(tokens_in + excluded.tokens_in, 9007199254740991), -9007199254740991), tokens_out = max(min(tokens_out + excluded.tokens_out, 9007199254740991), -9007199254740991), shadow_cost = max(min(shadow_cost + excluded.shadow_cost, 9007199254740991), -9007199254740991), judge_cost = max(min(judge_cost + excluded.judge_cost, 9007199254740991), -9007199254740991), saved_on_asked = max(min(saved_on_asked + excluded.saved_on_asked, 9007199254740991), -9007199254740991);
  insert into totals_owner (owner, model, outcomes, cost, saved, tokens_in, tokens_out, shadow_cost, judge_cost, saved_on_asked)
    select old.owner, old.model, -1, -coalesce(old.cost, 0), -(coalesce(old.cost_powerful - old.cost, 0) - coalesce(old.shadow_cost, 0) - coalesce(old.judge_cost, 0)), -coalesce(old.tokens_in, 0), -coalesce(old.tokens_out, 0), -coalesce(old.shadow_cost, 0), -coalesce(old.judge_cost, 0), -(coalesce(old.cost_asked - old.cost, 0) - coalesce(old.shadow_cost, 0) - coalesce(old.judge_cost, 0)) where old.owner is not null
      and (exists (select 1 from totals_owner where (owner, model) = (old.owner, old.model)) or (select coalesce(max(rowid), 0) from totals_owner) < 10000)
    on conflict (owner, model) do update set outcomes = max(min(outcomes + excluded.outcomes, 9007199254740991), -9007199254740991), cost = max(min(cost + excluded.cost, 9007199254740991), -9007199254740991), saved = max(min(saved + excluded.saved, 9007199254740991), -9007199254740991), tokens_in = max(min(tokens_in + excluded.tokens_in, 9007199254740991), -9007199254740991), tokens_out = max(min(tokens_out + excluded.tokens_out, 9007199254740991), -9007199254740991), shadow_cost = max(min(shadow_cost + excluded.shadow_cost, 9007199254740991), -9007199254740991), judge_cost = max(min(judge_cost + excluded.judge_cost, 9007199254740991), -9007199254740991), saved_on_asked = max(min(saved_on_asked + excluded.saved_on_asked, 9007199254740991), -9007199254740991);
  insert into totals_model (model, scored, successes)
    select key, -1, -(value >= 0.5) from json_each(old.scores) where 1
      and (key in (select model from totals_model) or (select coalesce(max(rowid), 0) from totals_model) < 500)
    on conflict (model) do update set scored = max(min(scored + excluded.scored, 9007199254740991), -9007199254740991), successes = max(min(successes + excluded.successes, 9007199254740991), -9007199254740991);
  insert into totals_candidate (candidate_id, scored, successes)
    select old.candidate_id, -1, -(value >= 0.5) from json_each(old.scores) where key = old.model and old.candidate_id is not null
      and (old.candidate_id in (select candidate_id from totals_candidate) or old.candidate_id in (select id from candidates) or (select coalesce(max(rowid), 0) from totals_candidate) < 10000)
    on conflict (candidate_id) do update set scored = max(min(scored + excluded.scored, 9007199254740991), -9007199254740991), successes = max(min(successes + excluded.successes, 9007199254740991), -9007199254740991);
  insert into totals_model (model, outcomes, cost, saved, tokens_in, tokens_out, shadow_cost, judge_cost, saved_on_asked)
    select new.model, 1, coalesce(new.cost, 0), (coalesce(new.cost_powerful - new.cost, 0) - coalesce(new.shadow_cost, 0) - coalesce(new.judge_cost, 0)), coalesce(new.tokens_in, 0), coalesce(new.tokens_out, 0), coalesce(new.shadow_cost, 0), coalesce(new.judge_cost, 0), (coalesce(new.cost_asked - new.cost, 0) - coalesce(new.shadow_cost, 0) - coalesce(new.judge_cost, 0)) where 1
      and (new.model in (select model from totals_model) or (select coalesce(max(rowid), 0) from totals_model) < 1000)
    on conflict (model) do update set outcomes = max(min(outcomes + excluded.outcomes, 9007199254740991), -9007199254740991), cost = max(min(cost + excluded.cost, 9007199254740991), -9007199254740991), saved = max(min(saved + excluded.saved, 9007199254740991), -9007199254740991), tokens_in = max(min(tokens_in + excluded.tokens_in, 9007199254740991), -9007199254740991), tokens_out = max(min(tokens_out + excluded.tokens_out, 9007199254740991), -9007199254740991), shadow_cost = max(min(shadow_cost + excluded.shadow_cost, 9007199254740991), -9007199254740991), judge_cost = max(min(judge_cost + excluded.judge_cost, 9007199254740991), -9007199254740991), saved_on_asked = max(min(saved_on_asked + excluded.saved_on_asked, 9007199254740991), -9007199254740991);
  insert into totals_owner (owner, model, outcomes, cost, saved, tokens_in, tokens_out, shadow_cost, judge_cost, saved_on_asked)
    select new.owner, new.model, 1, coalesce(new.cost, 0), (coalesce(new.cost_powerful - new.cost, 0) - coalesce(new.shadow_cost, 0) - coalesce(new.judge_cost, 0)), coalesce(new.tokens_in, 0), coalesce(new.tokens_out, 0), coalesce(new.shadow_cost, 0), coalesce(new.judge_cost, 0), (coalesce(new.cost_asked - new.cost, 0) - coalesce(new.shadow_cost, 0) - coalesce(new.judge_cost, 0)) where new.owner is not null
      and (exists (select 1 from totals_owner where (owner, model) = (new.owner, new.model)) or (select coalesce(max(rowid), 0) from totals_owner) < 10000)
    on conflict (owner, model) do update set outcomes = max(min(outcomes + excluded.outcomes, 9007199254740991), -9007199254740991), cost = max(min(cost + excluded.cost, 9007199254740991), -9007199254740991), saved = max(min(saved + excluded.saved, 9007199254740991), -9007199254740991), tokens_in = max(min(tokens_in + excluded.tokens_in, 9007199254740991), -9007199254740991), tokens_out = max(min(tokens_out + excluded.tokens_out, 9007199254740991), -9007199254740991), shadow_cost = max(min(shadow_cost + excluded.shadow_cost, 9007199254740991), -9007199254740991), judge_cost = max(min(judge_cost + excluded.judge_cost, 9007199254740991), -9007199254740991), saved_on_asked = max(min(saved_on_asked + excluded.saved_on_asked, 9007199254740991), -9007199254740991);
  insert into totals_model (model, scored, successes)
    select key, 1, (value >= 0.5) from json_each(new.scores) where 1
      and (key in (select model from totals_model) or (select coalesce(max(rowid), 0) from totals_model) < 500)
    on conflict (model) do update set scored = max(min(scored + excluded.scored, 9007199254740991), -9007199254740991), successes = max(min(successes + excluded.successes, 9007199254740991), -9007199254740991);
  insert into totals_candidate (candidate_id, scored, successes)
    select new.candidate_id, 1, (value >= 0.5) from json_each(new.scores) where key = new.model and new.candidate_id is not null
      and (new.candidate_id in (select candidate_id from totals_candidate) or new.candidate_id in (select id from candidates) or (select coalesce(max(rowid), 0) from totals_candidate) < 10000)
    on conflict (candidate_id) do update set scored = max(min(scored + excluded.scored, 9007199254740991), -9007199254740991), successes = max(min(successes + excluded.successes, 9007199254740991), -9007199254740991);
end;

insert or replace into meta (name, value) values ('schema', '4');
