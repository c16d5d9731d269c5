/* Candidates of a set, compared with a request: docs/kernel.md section 8. */
#ifndef TD_SCORE_H
#define TD_SCORE_H
#include "abi.h"
#include "candidates.h"
#include "query.h"
#include "step.h"

/* Scores the first candidates as the request says and writes the best rows; returns how many. */
uint32_t score_candidates(const struct request *r, const struct candidates *c, const struct query *q,
                          const struct step *s, struct row *out);

#endif
