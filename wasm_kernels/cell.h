/* FastGRNN (Kusupati et al. 2018, eq. 3-5) over the tokens kept. */
#ifndef TD_CELL_H
#define TD_CELL_H
#include "model.h"

/* Runs the cell from h = 0; writes the last state and the mean state, `hidden` numbers each. */
void cell_run(const struct model *m, const uint32_t *ids, uint32_t n, float *last, float *mean);

#endif
