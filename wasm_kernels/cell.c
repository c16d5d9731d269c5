#include "cell.h"

#include "abi.h"
#include "activation.h"

/* A step is three short passes, with four accumulators in the first: V8 has fifteen vector registers and does not
   align its frames, so a vector that it has to spill may straddle two cache lines, and the cell then takes twice as
   long at some depths of the caller's stack. The passes also leave more work that can run side by side. */
enum { LANES = 4, ACCUMULATORS = 4, BLOCK = LANES * ACCUMULATORS };

struct state {
    float h[MAX_HIDDEN], sum[MAX_HIDDEN];
    float gate[MAX_HIDDEN], candidate[MAX_HIDDEN];
} __attribute__((aligned(64)));

/* Outputs j to j + 15 of a = scale · row + U h, one a lane; leaves (a + b_z) / 2 and a + b_h. */
static inline void preactivate(struct state *s, const struct model *m, uint32_t j, const int8_t *row, f32x4 scale)
{
    f32x4 a[ACCUMULATORS];
    for (uint32_t i = 0; i < ACCUMULATORS; i++)
        a[i] = f32x4_mul(scale, f32x4_load_i8(row + j + i * LANES));
    const float *u = m->u + j;
    for (uint32_t k = 0; k < m->hidden; k++, u += m->hidden) {
        f32x4 h = f32x4_load_splat(s->h + k);
        for (uint32_t i = 0; i < ACCUMULATORS; i++)
            a[i] = f32x4_add_product(a[i], h, f32x4_load(u + i * LANES));
    }
    f32x4 half = f32x4_splat(0.5f);
    for (uint32_t i = 0; i < ACCUMULATORS; i++, j += LANES) {
        f32x4_store(s->gate + j, f32x4_mul(half, f32x4_add(a[i], f32x4_load(m->bias_z + j))));
        f32x4_store(s->candidate + j, f32x4_add(a[i], f32x4_load(m->bias_h + j)));
    }
}

/* tanh of gate and candidate j to j + 3, both at once: they share the loads of the fit. */
static inline void activate(struct state *s, uint32_t j, const struct tanh_fit *fit)
{
    f32x4 gate = f32x4_tanh(f32x4_load(s->gate + j), fit);
    f32x4 candidate = f32x4_tanh(f32x4_load(s->candidate + j), fit);
    f32x4_store(s->gate + j, gate);
    f32x4_store(s->candidate + j, candidate);
}

/* h = (ν + ζ (1 - z)) · c + z · h for j to j + 3, and its sum. */
static inline void update(struct state *s, uint32_t j, f32x4 zeta, f32x4 nu)
{
    f32x4 half = f32x4_splat(0.5f), one = f32x4_splat(1.0f);
    f32x4 z = f32x4_add_product(half, half, f32x4_load(s->gate + j));
    f32x4 g = f32x4_add_product(nu, zeta, f32x4_sub(one, z));
    f32x4 h = f32x4_add(f32x4_mul(g, f32x4_load(s->candidate + j)), f32x4_mul(z, f32x4_load(s->h + j)));
    f32x4_store(s->h + j, h);
    f32x4_store(s->sum + j, f32x4_add(f32x4_load(s->sum + j), h));
}

void cell_run(const struct model *m, const uint32_t *ids, uint32_t n, float *last, float *mean)
{
    static struct state state;
    struct state *s = &state;
    const struct tanh_fit *fit = tanh_fit_in_memory();
    f32x4 zeta = f32x4_splat(m->zeta), nu = f32x4_splat(m->nu);
    uint32_t hidden = m->hidden;

    for (uint32_t j = 0; j < hidden; j++)
        s->h[j] = s->sum[j] = 0.0f;
    for (uint32_t t = 0; t < n; t++) {
        const int8_t *row = m->rows + ids[t] * hidden;
        f32x4 scale = f32x4_load_splat(m->scales + ids[t]);
        for (uint32_t j = 0; j < hidden; j += BLOCK)
            preactivate(s, m, j, row, scale);
        for (uint32_t j = 0; j < hidden; j += LANES)
            activate(s, j, fit);
        for (uint32_t j = 0; j < hidden; j += LANES)
            update(s, j, zeta, nu);
    }
    for (uint32_t j = 0; j < hidden; j++) {
        last[j] = s->h[j];
        mean[j] = n == 0 ? 0.0f : s->sum[j] / (float)n;
    }
}
