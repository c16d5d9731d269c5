#include "step.h"

#include "activation.h"

enum { LANES = 4 };

#ifdef __clang__
#define KEEP_ROLLED _Pragma("clang loop unroll(disable)")
#else
#define KEEP_ROLLED
#endif

void step_begin(struct step *s, const struct candidate_model *m, const float *state, uint32_t hidden)
{
    s->model = m;
    for (uint32_t j = 0; j < UNITS; j += LANES) {
        f32x4 start = f32x4_load(m->start + j);
        if (state) {
            start = f32x4_splat(0.0f);
            for (uint32_t k = 0; k < hidden; k++)
                start = f32x4_add_product(start, f32x4_load_splat(state + k), f32x4_load(m->project[k] + j));
            start = f32x4_tanh(start, tanh_fit_in_memory());
        }
        f32x4_store(s->start + j, start);
    }
    for (uint32_t j = 0; j < UNITS; j += LANES) {
        f32x4 u = f32x4_splat(0.0f);
        for (uint32_t i = 0; i < UNITS; i++)
            u = f32x4_add_product(u, f32x4_load_splat(s->start + i), f32x4_load(m->u[i] + j));
        f32x4_store(s->u + j, u);
    }
}

/* One candidate a lane. Short passes through memory, as in cell.c and for the same reason. */
f32x4 step_logits(const struct step *s, const float features[FEATURES][LANES])
{
    static float gate[UNITS][LANES] __attribute__((aligned(64))), candidate[UNITS][LANES] __attribute__((aligned(64)));
    const struct candidate_model *m = s->model;
    const struct tanh_fit *fit = tanh_fit_in_memory();
    f32x4 half = f32x4_load(fit->half), one = f32x4_load(fit->one);
    f32x4 x[FEATURES];
    for (uint32_t f = 0; f < FEATURES; f++)
        x[f] = f32x4_load(features[f]);
    for (uint32_t j = 0; j < UNITS; j++) {
        f32x4 a = f32x4_load_splat(s->u + j);
        for (uint32_t f = 0; f < FEATURES; f++)
            a = f32x4_add_product(a, x[f], f32x4_load_splat(m->w[f] + j));
        f32x4_store(gate[j], f32x4_mul(half, f32x4_add(a, f32x4_load_splat(m->bias_z + j))));
        f32x4_store(candidate[j], f32x4_add(a, f32x4_load_splat(m->bias_h + j)));
    }
    /* Four at a time, which hides the time that each takes; V8 has no registers for more. */
    KEEP_ROLLED
    for (uint32_t j = 0; j < UNITS; j += 2) {
        f32x4 z0 = f32x4_tanh(f32x4_load(gate[j]), fit), c0 = f32x4_tanh(f32x4_load(candidate[j]), fit);
        f32x4 z1 = f32x4_tanh(f32x4_load(gate[j + 1]), fit), c1 = f32x4_tanh(f32x4_load(candidate[j + 1]), fit);
        f32x4_store(gate[j], z0);
        f32x4_store(candidate[j], c0);
        f32x4_store(gate[j + 1], z1);
        f32x4_store(candidate[j + 1], c1);
    }
    f32x4 zeta = f32x4_load_splat(&m->zeta), nu = f32x4_load_splat(&m->nu), logit = f32x4_load_splat(&m->bias);
    KEEP_ROLLED
    for (uint32_t j = 0; j < UNITS; j++) {
        f32x4 z = f32x4_add_product(half, half, f32x4_load(gate[j]));
        f32x4 g = f32x4_add_product(nu, zeta, f32x4_sub(one, z));
        f32x4 h = f32x4_mul(g, f32x4_load(candidate[j]));
        h = f32x4_add(h, f32x4_mul(z, f32x4_load_splat(s->start + j)));
        logit = f32x4_add_product(logit, f32x4_load_splat(m->head + j), h);
    }
    return logit;
}
