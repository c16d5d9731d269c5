alter table decisions add column would text;

alter table decisions add column would_reason text;

alter table outcomes add column shadow_cost real;

alter table outcomes add column judge_cost real;

alter table outcomes add column graded_by text;

alter table totals_model add column shadow_cost real not null default 0;

alter table totals_model add column judge_cost real not null default 0;

drop trigger outcome_counted;

drop trigger outcome_recounted;

create trigger outcome_counted after insert on outcomes begin
  insert into totals_model (model, outcomes, cost, saved, tokens_in, tokens_out, shadow_cost, judge_cost)
    select new.model, 1, coalesce(new.cost, 0), (coalesce(new.cost_powerful - new.cost, 0) - coalesce(new.shadow_cost, 0) - coalesce(new.judge_cost, 0)), coalesce(new.tokens_in, 0), coalesce(new.tokens_out, 0), coalesce(new.shadow_cost, 0), coalesce(new.judge_cost, 0) where 1
      and (new.model in (select model from totals_model) or (select coalesce(max(rowid), 0) from totals_model) < 1000)
    on conflict (model) do update set outcomes = max(min(outcomes + excluded.outcomes, 9007199254740991), -9007199254740991), cost = max(min(cost + excluded.cost, 9007199254740991), -9007199254740991), saved = max(min(saved + excluded.saved, 9007199254740991), -9007199254740991), tokens_in = max(min(tokens_in + excluded.tokens_in, 9007199254740991), -9007199254740991), tokens_out = max(min(tokens_out + excluded.tokens_out, 9007199254740991), -9007199254740991), shadow_cost = max(min(shadow_cost + excluded.shadow_cost, 9007199254740991), -9007199254740991), judge_cost = max(min(judge_cost + excluded.judge_cost, 9007199254740991), -9007199254740991);
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
  insert into totals_model (model, outcomes, cost, saved, tokens_in, tokens_out, shadow_cost, judge_cost)
    select old.model, -1, -coalesce(old.cost, 0), -(coalesce(old.cost_powerful - old.cost, 0) - coalesce(old.shadow_cost, 0) - coalesce(old.judge_cost, 0)), -coalesce(old.tokens_in, 0), -coalesce(old.tokens_out, 0), -coalesce(old.shadow_cost, 0), -coalesce(old.judge_cost, 0) where 1
      and (old.model in (select model from totals_model) or (select coalesce(max(rowid), 0) from totals_model) < 1000)
    on conflict (model) do update set outcomes = max(min(outcomes + excluded.outcomes, 9007199254740991), -9007199254740991), cost = max(min(cost + excluded.cost, 9007199254740991), -9007199254740991), saved = max(min(saved + excluded.saved, 9007199254740991), -9007199254740991), tokens_in = max(min(tokens_in + excluded.tokens_in, 9007199254740991), -9007199254740991), tokens_out = max(min(tokens_out + excluded.tokens_out, 9007199254740991), -9007199254740991), shadow_cost = max(min(shadow_cost + excluded.shadow_cost, 9007199254740991), -9007199254740991), judge_cost = max(min(judge_cost + excluded.judge_cost, 9007199254740991), -9007199254740991);
  insert into totals_model (model, scored, successes)
    select key, -1, -(value >= 0.5) from json_each(old.scores) where 1
      and (key in (select model from totals_model) or (select coalesce(max(rowid), 0) from totals_model) < 500)
    on conflict (model) do update set scored = max(min(scored + excluded.scored, 9007199254740991), -9007199254740991), successes = max(min(successes + excluded.successes, 9007199254740991), -9007199254740991);
  insert into totals_candidate (candidate_id, scored, successes)
    select old.candidate_id, -1, -(value >= 0.5) from json_each(old.scores) where key = old.model and old.candidate_id is not null
      and (old.candidate_id in (select candidate_id from totals_candidate) or old.candidate_id in (select id from candidates) or (select coalesce(max(rowid), 0) from totals_candidate) < 10000)
    on conflict (candidate_id) do update set scored = max(min(scored + excluded.scored, 9007199254740991), -9007199254740991), successes = max(min(successes + excluded.successes, 9007199254740991), -9007199254740991);
  insert into totals_model (model, outcomes, cost, saved, tokens_in, tokens_out, shadow_cost, judge_cost)
    select new.model, 1, coalesce(new.cost, 0), (coalesce(new.cost_powerful - new.cost, 0) - coalesce(new.shadow_cost, 0) - coalesce(new.judge_cost, 0)), coalesce(new.tokens_in, 0), coalesce(new.tokens_out, 0), coalesce(new.shadow_cost, 0), coalesce(new.judge_cost, 0) where 1
      and (new.model in (select model from totals_model) or (select coalesce(max(rowid), 0) from totals_model) < 1000)
    on conflict (model) do update set outcomes = max(min(outcomes + excluded.outcomes, 9007199254740991), -9007199254740991), cost = max(min(cost + excluded.cost, 9007199254740991), -9007199254740991), saved = max(min(saved + excluded.saved, 9007199254740991), -9007199254740991), tokens_in = max(min(tokens_in + excluded.tokens_in, 9007199254740991), -9007199254740991), tokens_out = max(min(tokens_out + excluded.tokens_out, 9007199254740991), -9007199254740991), shadow_cost = max(min(shadow_cost + excluded.shadow_cost, 9007199254740991), -9007199254740991), judge_cost = max(min(judge_cost + excluded.judge_cost, 9007199254740991), -9007199254740991);
  insert into totals_model (model, scored, successes)
    select key, 1, (value >= 0.5) from json_each(new.scores) where 1
      and (key in (select model from totals_model) or (select coalesce(max(rowid), 0) from totals_model) < 500)
    on conflict (model) do update set scored = max(min(scored + excluded.scored, 9007199254740991), -9007199254740991), successes = max(min(successes + excluded.successes, 9007199254740991), -9007199254740991);
  insert into totals_candidate (candidate_id, scored, successes)
    select new.candidate_id, 1, (value >= 0.5) from json_each(new.scores) where key = new.model and new.candidate_id is not null
      and (new.candidate_id in (select candidate_id from totals_candidate) or new.candidate_id in (select id from candidates) or (select coalesce(max(rowid), 0) from totals_candidate) < 10000)
    on conflict (candidate_id) do update set scored = max(min(scored + excluded.scored, 9007199254740991), -9007199254740991), successes = max(min(successes + excluded.successes, 9007199254740991), -9007199254740991);
end;

insert or replace into meta (name, value) values ('schema', '3');
