/* The one FastGRNN step that scores a candidate: docs/kernel.md section 8. */
#ifndef TD_STEP_H
#define TD_STEP_H
#include "f32x4.h"
#include "model.h"

struct step {
    const struct candidate_model *model;
    float start[UNITS]; /* h0 */
    float u[UNITS];     /* U h0 */
} __attribute__((aligned(16)));

/* Gets ready for a request. `state` is the text's last one of `hidden` numbers; null: the learned start. */
void step_begin(struct step *s, const struct candidate_model *m, const float *state, uint32_t hidden);

/* Logits of four candidates from their features, four numbers each. */
f32x4 step_logits(const struct step *s, const float features[FEATURES][4]);

#endif
