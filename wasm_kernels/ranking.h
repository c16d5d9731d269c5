/* The best candidates of those seen: by logit, of equal ones the first. */
#ifndef TD_RANKING_H
#define TD_RANKING_H
#include "abi.h"
#include "candidates.h"

struct ranking {
    uint32_t room, count; /* at most MAX_ROWS */
    struct {
        float logit;
        uint32_t at; /* among the candidates */
    } order[MAX_ROWS];
};

/* Takes the logits of candidates first … first + n - 1, at most four, if they belong to the best; those that leave
   where all room is taken are the last. */
void ranking_offer(struct ranking *r, const float logits[4], uint32_t first, uint32_t n);

/* Writes the rows, best first, with their probabilities and features; returns how many. */
uint32_t ranking_write(const struct ranking *r, const struct candidates *c, struct row *out);

#endif
