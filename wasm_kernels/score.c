#include "score.h"

#include "activation.h"
#include "ranking.h"

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

/* The five features of candidates first to first + 3. */
static void take_features(float x[FEATURES][LANES], const struct request *r, const struct candidates *c,
                          const struct query *q, float per_half_life, uint32_t first)
{
    f32x4 half = f32x4_splat(0.5f);
    f32x4 age = f32x4_age(r->now, c->created + first);
    f32x4_store(x[SIMILARITY], f32x4_add_product(half, half, query_cosines(q, c, first)));
    f32x4_store(x[RECENCY], f32x4_exp2(f32x4_neg(f32x4_mul(age, f32x4_splat(per_half_life)))));
    f32x4_store(x[FREQUENCY], f32x4_load(c->frequency + first));
    f32x4_store(x[SUCCESS], f32x4_load(c->success + first));
    f32x4_store(x[OVERLAP], overlaps(r, c->pairs + first * PAIR_WORDS));
}

uint32_t score_candidates(const struct request *r, const struct candidates *c, const struct query *q,
                          const struct step *s, struct row *out)
{
    static struct ranking ranking;
    static float x[FEATURES][LANES] __attribute__((aligned(64))), logits[LANES] __attribute__((aligned(16)));
    ranking.room = r->rows;
    ranking.count = 0;
    for (uint32_t first = 0; first < r->candidates; first += LANES) {
        take_features(x, r, c, q, s->model->per_half_life, first);
        f32x4_store(logits, step_logits(s, (const float(*)[LANES])x));
        for (uint32_t i = 0; i < LANES && first + i < r->candidates; i++) {
            if (!ranking_wants(&ranking, logits[i]))
                continue;
            struct row row = {first + i,     logits[i],       0.0f,          x[SIMILARITY][i],
                              x[RECENCY][i], x[FREQUENCY][i], x[SUCCESS][i], x[OVERLAP][i]};
            ranking_add(&ranking, &row);
        }
    }
    return ranking_write(&ranking, out);
}
