/* The embedding of a text: the unit mean of its tokens' rows. */
#ifndef TD_EMBEDDING_H
#define TD_EMBEDDING_H
#include "model.h"

/* Of the n tokens kept, `hidden` numbers; all zero where their sum is. */
void embedding(float *out, const struct model *m, const uint32_t *ids, uint32_t n);

#endif
