#include "score.h"

#include "activation.h"

enum { LANES = 4 };

enum { SIMILARITY, RECENCY, FREQUENCY, SUCCESS, OVERLAP };

static uint32_t shared(const uint32_t *a, const uint32_t *b)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < PAIR_WORDS; i++)
        count += (uint32_t)__builtin_popcount(a[i] & b[i]);
    return count;
}

/* Shared pairs of four candidates over those of the request. */
static f32x4 overlaps(const struct request *r, const uint32_t *pairs)
{
    if (r->pair_count == 0)
        return f32x4_splat(0.0f);
    float count[LANES];
    for (uint32_t i = 0; i < LANES; i++)
        count[i] = (float)shared(pairs + i * PAIR_WORDS, r->pairs);
    return f32x4_div(f32x4_load(count), f32x4_splat((float)r->pair_count));
}

/* Logits of candidates first to first + 3, and their features where the best rows are written from. */
static inline void score4(const struct scoring *s, f32x4 cosines, uint32_t first, float logits[LANES])
{
    static float x[FEATURES][LANES] __attribute__((aligned(64)));
    const struct request *r = s->request;
    const struct candidates *c = s->set;
    f32x4 half = f32x4_splat(0.5f), age = f32x4_age(r->now, c->created + first);
    f32x4 similarity = f32x4_add_product(half, half, cosines);
    f32x4 recency = f32x4_exp2(f32x4_neg(f32x4_mul(age, f32x4_splat(s->step.model->per_half_life))));
    f32x4 overlap = overlaps(r, c->pairs + first * PAIR_WORDS);
    f32x4_store(c->similarity + first, similarity);
    f32x4_store(c->recency + first, recency);
    f32x4_store(c->overlap + first, overlap);
    f32x4_store(x[SIMILARITY], similarity);
    f32x4_store(x[RECENCY], recency);
    f32x4_store(x[FREQUENCY], f32x4_load(c->frequency + first));
    f32x4_store(x[SUCCESS], f32x4_load(c->success + first));
    f32x4_store(x[OVERLAP], overlap);
    f32x4_store(logits, step_logits(&s->step, (const float(*)[LANES])x));
}

int32_t scoring_begin(struct scoring *s, const struct request *r, const struct candidates *c,
                      const struct candidate_model *m, const float *query, const float *state, uint32_t hidden)
{
    s->request = r;
    s->set = c;
    s->ranking.room = r->rows;
    s->ranking.count = s->done = 0;
    for (uint32_t i = 0; i < LANES; i++)
        s->ranking.odds[i] = 0.0f;
    step_begin(&s->step, m, state, hidden);
    return query_take(&s->query, c, query);
}

void scoring_run(struct scoring *s)
{
    static float logits[LANES] __attribute__((aligned(16)));
    uint32_t n = s->request->candidates;
    for (uint32_t first = 0; first < n; first += LANES) {
        score4(s, query_cosines(&s->query, s->set, first), first, logits);
        ranking_offer(&s->ranking, logits, first, n - first);
    }
    s->done = n;
}

int32_t scoring_part(struct scoring *s, uint32_t n)
{
    static float logits[LANES] __attribute__((aligned(16)));
    for (uint32_t row = 0; row < n; row += LANES) {
        uint32_t first = s->done + row;
        f32x4 cosines;
        if (!query_cosines_of_part(&cosines, &s->query, s->set, row, first, n - row))
            return TD_E_FINITE;
        score4(s, cosines, first, logits);
        ranking_offer(&s->ranking, logits, first, n - row);
    }
    s->done += n;
    return TD_OK;
}
