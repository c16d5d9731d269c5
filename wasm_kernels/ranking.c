#include "ranking.h"

#include "activation.h"

enum { LANES = 4 };

/* Assumed chance that no candidate of a request fits: docs/candidates.md. */
static const float none_fits = 0.1f, one_fits = 0.9f;

static const float log2_e = 1.44269504f;

static f32x4 odds_of(f32x4 logits) { return f32x4_exp2(f32x4_mul(logits, f32x4_splat(log2_e))); }

static void add_odds(struct ranking *r, const float logits[LANES], uint32_t n)
{
    float odds[LANES];
    f32x4_store(odds, odds_of(f32x4_load(logits)));
    for (uint32_t i = n; i < LANES; i++)
        odds[i] = 0.0f;
    f32x4_store(r->odds, f32x4_add(f32x4_load(r->odds), f32x4_load(odds)));
}

static void add(struct ranking *r, float logit, uint32_t at)
{
    uint32_t i = r->count;
    if (i == r->room)
        i--;
    else
        r->count++;
    for (; i > 0 && logit > r->order[i - 1].logit; i--)
        r->order[i] = r->order[i - 1];
    r->order[i].logit = logit;
    r->order[i].at = at;
}

void ranking_offer(struct ranking *r, const float logits[LANES], uint32_t first, uint32_t n)
{
    if (r->room == 0)
        return;
    add_odds(r, logits, n);
    const float *least = &r->order[r->room - 1].logit;
    if (r->count == r->room && !f32x4_any_above(f32x4_load(logits), f32x4_load_splat(least)))
        return;
    for (uint32_t i = 0; i < LANES && i < n; i++)
        if (r->count < r->room || logits[i] > *least)
            add(r, logits[i], first + i);
}

uint32_t ranking_write(const struct ranking *r, const struct candidates *c, uint32_t n, struct row *out)
{
    float lanes[LANES] = {0};
    f32x4 prior = f32x4_splat(one_fits / (float)n);
    f32x4 all = f32x4_add_product(f32x4_splat(none_fits), prior, f32x4_splat(f32x4_sum(f32x4_load(r->odds))));
    for (uint32_t i = 0; i < r->count; i++) {
        if (i % LANES == 0) {
            for (uint32_t j = 0; j < LANES; j++)
                lanes[j] = i + j < r->count ? r->order[i + j].logit : 0.0f;
            f32x4_store(lanes, f32x4_div(f32x4_mul(prior, odds_of(f32x4_load(lanes))), all));
        }
        uint32_t at = r->order[i].at;
        out[i] = (struct row){at,
                              r->order[i].logit,
                              lanes[i % LANES],
                              c->similarity[at],
                              c->recency[at],
                              c->frequency[at],
                              c->success[at],
                              c->overlap[at]};
    }
    return r->count;
}
