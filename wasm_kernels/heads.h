/* Logistic heads and the routing score. */
#ifndef TD_HEADS_H
#define TD_HEADS_H
#include "model.h"

/* From the head inputs: logits, probabilities and scores, one a model. */
void heads_run(const struct model *m, const float *inputs, float *logits, float *probabilities, float *scores);

#endif
