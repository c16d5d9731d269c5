/* The best candidates of those seen: by logit, of equal ones the first; and the odds of all of them. */
#ifndef TD_RANKING_H
#define TD_RANKING_H
#include "abi.h"
#include "candidates.h"

struct ranking {
    uint32_t room, count; /* at most MAX_ROWS */
    float odds[4];        /* sum of e^logit over the candidates seen, by their place mod 4 */
    struct {
        float logit;
        uint32_t at; /* among the candidates */
    } order[MAX_ROWS];
};

/* Takes the logits of candidates first … first + n - 1, at most four; first is a multiple of four. They are kept if
   they belong to the best; those that leave where all room is taken are the last. */
void ranking_offer(struct ranking *r, const float logits[4], uint32_t first, uint32_t n);

/* Writes the rows, best first, with their features and the chance of each to be the one of n that fits; returns how
   many. */
uint32_t ranking_write(const struct ranking *r, const struct candidates *c, uint32_t n, struct row *out);

#endif
