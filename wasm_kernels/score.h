/* Candidates of a set, compared with a request: docs/kernel.md section 8. */
#ifndef TD_SCORE_H
#define TD_SCORE_H
#include "abi.h"
#include "candidates.h"
#include "query.h"
#include "ranking.h"
#include "step.h"

/* A request on its way to its rows. */
struct scoring {
    const struct request *request;
    const struct candidates *set;
    struct query query;
    struct step step;
    struct ranking ranking;
    uint32_t done; /* candidates scored so far */
};

/* Gets ready. `query` is that of the request or the text's embedding; `state` as for step_begin.
   TD_E_FINITE as query_take gives it. */
int32_t scoring_begin(struct scoring *s, const struct request *r, const struct candidates *c,
                      const struct candidate_model *m, const float *query, const float *state, uint32_t hidden);

/* Scores all candidates of the request; they are committed. */
void scoring_run(struct scoring *s);

/* Scores the next n candidates, whose vectors lie at the start of the set's rows. TD_E_FINITE where one is refused. */
int32_t scoring_part(struct scoring *s, uint32_t n);

#endif
