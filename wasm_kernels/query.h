/* The vector that candidates are compared with. */
#ifndef TD_QUERY_H
#define TD_QUERY_H
#include "abi.h"
#include "candidates.h"
#include "f32x4.h"

struct query {
    float numbers[MAX_DIMENSION];   /* padded with zeros */
    int16_t rounded[MAX_DIMENSION]; /* to 14 bits, for int8 rows */
    float scale;                    /* cosine = dot product · scale · the candidate's inverse norm */
} __attribute__((aligned(64)));

/* Takes the query of a request for this set; TD_E_FINITE where it is not finite, too large or too small. */
int32_t query_take(struct query *q, const struct candidates *c, const float *numbers);

/* Cosines with candidates first to first + 3, each held within [-1, 1]. */
f32x4 query_cosines(const struct query *q, const struct candidates *c, uint32_t first);

/* The same for candidates that were not committed, whose vectors lie from `row` on: norms and products in one pass.
   The last of the four may be none: n counts those that are. 0 where one is not finite. */
int query_cosines_of_part(f32x4 *out, const struct query *q, const struct candidates *c, uint32_t row, uint32_t first,
                          uint32_t n);

#endif
