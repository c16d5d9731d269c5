alter table decisions add column owner text;

alter table outcomes add column owner text;

drop trigger decision_counted;

drop trigger outcome_counted;

drop trigger outcome_recounted;

update totals_model set routes = max(min(routes, 9007199254740991), -9007199254740991), light = max(min(light, 9007199254740991), -9007199254740991), latency_us = max(min(latency_us, 9007199254740991), -9007199254740991), timed = max(min(timed, 9007199254740991), -9007199254740991), outcomes = max(min(outcomes, 9007199254740991), -9007199254740991), cost = max(min(cost, 9007199254740991), -9007199254740991), saved = max(min(saved, 9007199254740991), -9007199254740991), tokens_in = max(min(tokens_in, 9007199254740991), -9007199254740991), tokens_out = max(min(tokens_out, 9007199254740991), -9007199254740991), scored = max(min(scored, 9007199254740991), -9007199254740991), successes = max(min(successes, 9007199254740991), -9007199254740991);

create trigger decision_counted after insert on decisions begin
  insert into totals_model (model, routes, light, latency_us, timed)
    select new.model, 1, new.use_lightweight, coalesce(new.inference_time_us, 0), new.inference_time_us is not null where 1
      and (new.model in (select model from totals_model) or (select coalesce(max(rowid), 0) from totals_model) < 1000)
    on conflict (model) do update set routes = max(min(routes + excluded.routes, 9007199254740991), -9007199254740991), light = max(min(light + excluded.light, 9007199254740991), -9007199254740991), latency_us = max(min(latency_us + excluded.latency_us, 9007199254740991), -9007199254740991), timed = max(min(timed + excluded.timed, 9007199254740991), -9007199254740991);
  insert into totals_candidate (candidate_id, routes)
    select new.candidate_id, 1 where new.candidate_id is not null
      and (new.candidate_id in (select candidate_id from totals_candidate) or new.candidate_id in (select id from candidates) or (select coalesce(max(rowid), 0) from totals_candidate) < 10000)
    on conflict (candidate_id) do update set routes = max(min(routes + excluded.routes, 9007199254740991), -9007199254740991);
end;

create trigger outcome_counted after insert on outcomes begin
  insert into totals_model (model, outcomes, cost, saved, tokens_in, tokens_out)
    select new.model, 1, coalesce(new.cost, 0), coalesce(new.cost_powerful - new.cost, 0), coalesce(new.tokens_in, 0), coalesce(new.tokens_out, 0) where 1
      and (new.model in (select model from totals_model) or (select coalesce(max(rowid), 0) from totals_model) < 1000)
    on conflict (model) do update set outcomes = max(min(outcomes + excluded.outcomes, 9007199254740991), -9007199254740991), cost = max(min(cost + excluded.cost, 9007199254740991), -9007199254740991), saved = max(min(saved + excluded.saved, 9007199254740991), -9007199254740991), tokens_in = max(min(tokens_in + excluded.tokens_in, 9007199254740991), -9007199254740991), tokens_out = max(min(tokens_out + excluded.tokens_out, 9007199254740991), -9007199254740991);
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
  insert into totals_model (model, outcomes, cost, saved, tokens_in, tokens_out)
    select old.model, -1, -coalesce(old.cost, 0), -coalesce(old.cost_powerful - old.cost, 0), -coalesce(old.tokens_in, 0), -coalesce(old.tokens_out, 0) where 1
      and (old.model in (select model from totals_model) or (select coalesce(max(rowid), 0) from totals_model) < 1000)
    on conflict (model) do update set outcomes = max(min(outcomes + excluded.outcomes, 9007199254740991), -9007199254740991), cost = max(min(cost + excluded.cost, 9007199254740991), -9007199254740991), saved = max(min(saved + excluded.saved, 9007199254740991), -9007199254740991), tokens_in = max(min(tokens_in + excluded.tokens_in, 9007199254740991), -9007199254740991), tokens_out = max(min(tokens_out + excluded.tokens_out, 9007199254740991), -9007199254740991);
  insert into totals_model (model, scored, successes)
    select key, -1, -(value >= 0.5) from json_each(old.scores) where 1
      and (key in (select model from totals_model) or (select coalesce(max(rowid), 0) from totals_model) < 500)
    on conflict (model) do update set scored = max(min(scored + excluded.scored, 9007199254740991), -9007199254740991), successes = max(min(successes + excluded.successes, 9007199254740991), -9007199254740991);
  insert into totals_candidate (candidate_id, scored, successes)
    select old.candidate_id, -1, -(value >= 0.5) from json_each(old.scores) where key = old.model and old.candidate_id is not null
      and (old.candidate_id in (select candidate_id from totals_candidate) or old.candidate_id in (select id from candidates) or (select coalesce(max(rowid), 0) from totals_candidate) < 10000)
    on conflict (candidate_id) do update set scored = max(min(scored + excluded.scored, 9007199254740991), -9007199254740991), successes = max(min(successes + excluded.successes, 9007199254740991), -9007199254740991);
  insert into totals_model (model, outcomes, cost, saved, tokens_in, tokens_out)
    select new.model, 1, coalesce(new.cost, 0), coalesce(new.cost_powerful - new.cost, 0), coalesce(new.tokens_in, 0), coalesce(new.tokens_out, 0) where 1
      and (new.model in (select model from totals_model) or (select coalesce(max(rowid), 0) from totals_model) < 1000)
    on conflict (model) do update set outcomes = max(min(outcomes + excluded.outcomes, 9007199254740991), -9007199254740991), cost = max(min(cost + excluded.cost, 9007199254740991), -9007199254740991), saved = max(min(saved + excluded.saved, 9007199254740991), -9007199254740991), tokens_in = max(min(tokens_in + excluded.tokens_in, 9007199254740991), -9007199254740991), tokens_out = max(min(tokens_out + excluded.tokens_out, 9007199254740991), -9007199254740991);
  insert into totals_model (model, scored, successes)
    select key, 1, (value >= 0.5) from json_each(new.scores) where 1
      and (key in (select model from totals_model) or (select coalesce(max(rowid), 0) from totals_model) < 500)
    on conflict (model) do update set scored = max(min(scored + excluded.scored, 9007199254740991), -9007199254740991), successes = max(min(successes + excluded.successes, 9007199254740991), -9007199254740991);
  insert into totals_candidate (candidate_id, scored, successes)
    select new.candidate_id, 1, (value >= 0.5) from json_each(new.scores) where key = new.model and new.candidate_id is not null
      and (new.candidate_id in (select candidate_id from totals_candidate) or new.candidate_id in (select id from candidates) or (select coalesce(max(rowid), 0) from totals_candidate) < 10000)
    on conflict (candidate_id) do update set scored = max(min(scored + excluded.scored, 9007199254740991), -9007199254740991), successes = max(min(successes + excluded.successes, 9007199254740991), -9007199254740991);
end;

insert or replace into meta (name, value) values ('schema', '2');
