#include "heads.h"

#include "abi.h"
#include "activation.h"

enum { LANES = 4 };

/* Expected loss of choosing model i: λ · (best other - p) + (1 - λ) · (1 - p). */
static float score(const struct model *m, const float *p, uint32_t i)
{
    float best = 0.0f;
    for (uint32_t j = 0; j < m->models; j++)
        if (j != i && p[j] > best)
            best = p[j];
    float regret = m->lambda * (best - p[i]);
    float failure = (1.0f - m->lambda) * (1.0f - p[i]);
    return regret + failure;
}

void heads_run(const struct model *m, const float *inputs, float *logits, float *probabilities, float *scores)
{
    uint32_t n_inputs = 2 * m->hidden + CUES, padded = (m->models + LANES - 1) & ~(LANES - 1u);
    for (uint32_t i = 0; i < m->models; i += LANES) {
        const float *w = m->head_weights + i;
        f32x4 logit = f32x4_load(m->head_bias + i);
        for (uint32_t k = 0; k < n_inputs; k++, w += padded)
            logit = f32x4_add_product(logit, f32x4_load_splat(inputs + k), f32x4_load(w));
        f32x4_store(logits + i, logit);
        f32x4_store(probabilities + i, f32x4_sigmoid(logit));
    }
    for (uint32_t i = m->models; i < padded; i++)
        logits[i] = probabilities[i] = 0.0f;
    for (uint32_t i = 0; i < m->models; i++)
        scores[i] = score(m, probabilities, i);
}
