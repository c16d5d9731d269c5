#include "cell.h"

#include "abi.h"
#include "activation.h"

/* Sixteen outputs at a time. Four accumulators: with eight, V8 spills one to a frame that it does not align,
   and at some depths of the caller's stack the cell then takes twice as long. */
enum { LANES = 4, VECTORS = 4, BLOCK = LANES * VECTORS };

/* The gated update of four outputs whose sum is `a`. */
static inline f32x4 gate(const struct model *m, uint32_t j, f32x4 a, f32x4 h)
{
    f32x4 z = f32x4_sigmoid(f32x4_add(a, f32x4_load(m->bias_z + j)));
    f32x4 c = f32x4_tanh(f32x4_add(a, f32x4_load(m->bias_h + j)));
    f32x4 zeta = f32x4_load_splat(&m->zeta), nu = f32x4_load_splat(&m->nu);
    f32x4 g = f32x4_add_product(nu, zeta, f32x4_sub(f32x4_splat(1.0f), z));
    return f32x4_add(f32x4_mul(g, c), f32x4_mul(z, h));
}

/* Outputs j to j + 15 of one step: next = cell(row, h). */
static inline void step(const struct model *m, uint32_t hidden, uint32_t j, f32x4 scale, const int8_t *row,
                        const float *h, float *next, float *sum)
{
    f32x4 a[VECTORS];
    for (uint32_t v = 0; v < VECTORS; v++)
        a[v] = f32x4_mul(scale, f32x4_load_i8(row + j + v * LANES));
    const float *u = m->u + j;
    for (uint32_t k = 0; k < hidden; k++, u += hidden) {
        f32x4 x = f32x4_load_splat(h + k);
        for (uint32_t v = 0; v < VECTORS; v++)
            a[v] = f32x4_add_product(a[v], x, f32x4_load(u + v * LANES));
    }
    for (uint32_t v = 0; v < VECTORS; v++, j += LANES) {
        f32x4 y = gate(m, j, a[v], f32x4_load(h + j));
        f32x4_store(next + j, y);
        f32x4_store(sum + j, f32x4_add(f32x4_load(sum + j), y));
    }
}

void cell_run(const struct model *m, const uint32_t *ids, uint32_t n, float *last, float *mean)
{
    static float states[2][MAX_HIDDEN], sum[MAX_HIDDEN];
    float *h = states[0], *next = states[1];
    uint32_t hidden = m->hidden;
    for (uint32_t j = 0; j < hidden; j++)
        h[j] = sum[j] = 0.0f;
    for (uint32_t t = 0; t < n; t++) {
        f32x4 scale = f32x4_load_splat(m->scales + ids[t]);
        for (uint32_t j = 0; j < hidden; j += BLOCK)
            step(m, hidden, j, scale, m->rows + ids[t] * hidden, h, next, sum);
        float *swap = h;
        h = next;
        next = swap;
    }
    for (uint32_t j = 0; j < hidden; j++) {
        last[j] = h[j];
        mean[j] = n == 0 ? 0.0f : sum[j] / (float)n;
    }
}
