#include "ranking.h"

#include "activation.h"

enum { LANES = 4 };

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
    const float *least = &r->order[r->room - 1].logit;
    if (r->count == r->room && !f32x4_any_above(f32x4_load(logits), f32x4_load_splat(least)))
        return;
    for (uint32_t i = 0; i < LANES && i < n; i++)
        if (r->count < r->room || logits[i] > *least)
            add(r, logits[i], first + i);
}

uint32_t ranking_write(const struct ranking *r, const struct candidates *c, struct row *out)
{
    float lanes[LANES] = {0};
    for (uint32_t i = 0; i < r->count; i++) {
        if (i % LANES == 0) {
            for (uint32_t j = 0; j < LANES; j++)
                lanes[j] = i + j < r->count ? r->order[i + j].logit : 0.0f;
            f32x4_store(lanes, f32x4_sigmoid(f32x4_load(lanes)));
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
