/* The model image: docs/kernel.md section 4. */
#ifndef TD_MODEL_H
#define TD_MODEL_H
#include <stdint.h>

#include "vocabulary.h"

enum { FEATURES = 5, UNITS = 8 };

/* How candidates are scored: docs/kernel.md section 8. */
struct candidate_model {
    float per_half_life, zeta, nu, bias; /* the first in 1/s */
    float zero[12];
    float w[FEATURES][UNITS], u[UNITS][UNITS];
    float bias_z[UNITS], bias_h[UNITS], head[UNITS];
    float start[UNITS];
    float project[][UNITS]; /* row k multiplies the text's last h[k] */
};

struct model {
    struct vocabulary vocabulary;
    uint32_t hidden, models;
    uint32_t front, back; /* tokens kept at either end */
    uint32_t unknown;     /* id of the unknown token */
    float zeta, nu, lambda;
    const uint8_t *surprisal;
    const int8_t *rows; /* [V, hidden] */
    const float *scales;
    const float *u; /* row k multiplies h[k] */
    const float *bias_z, *bias_h;
    const float *head_weights, *head_bias; /* models padded to a multiple of 4 */
    const struct candidate_model *candidate; /* null where there is none */
};

/* Checks the image of n bytes and points the model into it; allocates the word table.
   TD_OK, or the error, after which *model is not to be used. */
int32_t model_load(struct model *model, const uint8_t *image, uint32_t n);

#endif
