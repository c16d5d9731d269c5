/* The best rows of those seen: by logit, of equal ones the first. */
#ifndef TD_RANKING_H
#define TD_RANKING_H
#include "abi.h"

struct ranking {
    uint32_t room, count; /* rows, at most MAX_ROWS */
    struct {
        float logit;
        uint32_t place; /* in `rows`, so that a row need not move when a better one comes */
    } order[MAX_ROWS];
    struct row rows[MAX_ROWS];
};

/* Whether a row with this logit, seen after all others, belongs to the best. */
static inline int ranking_wants(const struct ranking *r, float logit)
{
    return r->count < r->room || (r->room > 0 && logit > r->order[r->room - 1].logit);
}

/* Takes a row that is wanted; the last one leaves where all room is taken. */
void ranking_add(struct ranking *r, const struct row *row);

/* Writes the rows, best first, with their probabilities; returns how many. */
uint32_t ranking_write(const struct ranking *r, struct row *out);

#endif
