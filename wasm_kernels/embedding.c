#include "embedding.h"

#include "dot.h"

enum { LANES = 4 };

void embedding(float *out, const struct model *m, const uint32_t *ids, uint32_t n)
{
    uint32_t hidden = m->hidden;
    for (uint32_t j = 0; j < hidden; j++)
        out[j] = 0.0f;
    for (uint32_t t = 0; t < n; t++) {
        const int8_t *row = m->rows + ids[t] * hidden;
        f32x4 scale = f32x4_load_splat(m->scales + ids[t]);
        for (uint32_t j = 0; j < hidden; j += LANES)
            f32x4_store(out + j, f32x4_add_product(f32x4_load(out + j), scale, f32x4_load_i8(row + j)));
    }
    float inverse = inverse_root(square(out, hidden));
    for (uint32_t j = 0; j < hidden; j++)
        out[j] *= inverse;
}
