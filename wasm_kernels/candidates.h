/* Sets of candidates, kept between requests: docs/kernel.md section 8. */
#ifndef TD_CANDIDATES_H
#define TD_CANDIDATES_H
#include <stdint.h>

struct candidates {
    uint32_t capacity;  /* a multiple of 4; 0 where nothing is reserved */
    uint32_t dimension; /* numbers in a vector */
    uint32_t stride;    /* the same, padded to a multiple of 16 */
    uint32_t format;
    const void *rows;
    const int32_t *created;
    const uint32_t *pairs; /* PAIR_WORDS each */
    const float *frequency, *success;
    float *similarity, *recency, *overlap; /* of the request being scored */
    float *inverse_norm;                   /* 0 where the vector is zero or was never committed */
    uint8_t *region;
    uint32_t region_bytes;
};

/* Makes room; all arrays are zero. After an error the set is as it was. */
int32_t candidates_reserve(struct candidates *c, uint32_t capacity, uint32_t dimension, uint32_t format);

/* Address of an array; null where there is none. */
const void *candidates_array(const struct candidates *c, uint32_t which);

/* Whether the sum of squares of candidate `at` and its shares are such that f32 sums with it stay finite. */
int candidates_are_finite(const struct candidates *c, uint32_t at, float square);

/* Checks n candidates and takes the norms of their vectors. */
int32_t candidates_commit(struct candidates *c, uint32_t first, uint32_t n);

#endif
