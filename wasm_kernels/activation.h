/* tanh and the logistic function: docs/kernel.md section 7; powers of two: section 8. */
#ifndef TD_ACTIVATION_H
#define TD_ACTIVATION_H
#include "f32x4.h"

/* tanh(x) = x P(x²) / Q(x²) where |x| <= limit, constant beyond: a minimax fit, odd by construction. */
struct tanh_fit {
    float limit[4], minus_limit[4], one[4], minus_one[4], half[4];
    float p[5][4], q[5][4]; /* highest power first */
};

#define FOUR(x)    \
    {              \
        x, x, x, x \
    }

/* Every number four times: one instruction then loads and uses it. */
static const struct tanh_fit tanh_fit __attribute__((aligned(64))) = {
    FOUR(8.5f),
    FOUR(-8.5f),
    FOUR(1.0f),
    FOUR(-1.0f),
    FOUR(0.5f),
    {FOUR(1.4099215128737796e-08f), FOUR(2.112154288624879e-05f), FOUR(0.0035258173011243343f),
     FOUR(0.1340620368719101f), FOUR(0.9999999403953552f)},
    {FOUR(8.073604931269074e-07f), FOUR(0.0003335687215439975f), FOUR(0.025991126894950867f),
     FOUR(0.467395156621933f), FOUR(1.0f)},
};

#undef FOUR

/* The fit, in a way that keeps the compiler from making immediates of its numbers: V8 hoists those out of loops,
   has no registers for so many, and spills them (cell.c says what that costs). */
static inline const struct tanh_fit *tanh_fit_in_memory(void)
{
    const struct tanh_fit *fit = &tanh_fit;
#ifdef __wasm__
    __asm__("" : "+r"(fit));
#endif
    return fit;
}

static inline f32x4 f32x4_tanh(f32x4 x, const struct tanh_fit *fit)
{
    x = f32x4_min(f32x4_max(x, f32x4_load(fit->minus_limit)), f32x4_load(fit->limit));
    f32x4 u = f32x4_mul(x, x);
    f32x4 p = f32x4_load(fit->p[0]), q = f32x4_load(fit->q[0]);
    for (int i = 1; i < 5; i++) {
        p = f32x4_add_product(f32x4_load(fit->p[i]), u, p);
        q = f32x4_add_product(f32x4_load(fit->q[i]), u, q);
    }
    f32x4 y = f32x4_div(f32x4_mul(x, p), q);
    return f32x4_min(f32x4_max(y, f32x4_load(fit->minus_one)), f32x4_load(fit->one));
}

/* σ(x) = 1/2 + 1/2 tanh(x/2) */
static inline f32x4 f32x4_sigmoid(f32x4 x)
{
    const struct tanh_fit *fit = tanh_fit_in_memory();
    f32x4 half = f32x4_load(fit->half);
    return f32x4_add_product(half, half, f32x4_tanh(f32x4_mul(half, x), fit));
}

struct exp2_fit {
    float limit, whole, p[7]; /* highest power first */
};

static const struct exp2_fit exp2_fit = {
    30.0f, /* beyond it, products with squares of the result would be subnormal, which is slow */
    12582912.0f, /* 1.5 · 2²³: adding it leaves a whole number in the low bits */
    {0.00015345810970757157f, 0.0013399930903688073f, 0.009618489071726799f, 0.05550328642129898f,
     0.24022646248340607f, 0.6931471824645996f, 1.0f},
};

/* 2^t, t held within ±limit. */
static inline f32x4 f32x4_exp2(f32x4 t)
{
    const struct exp2_fit *fit = &exp2_fit;
#ifdef __wasm__
    __asm__("" : "+r"(fit));
#endif
    f32x4 limit = f32x4_load_splat(&fit->limit), whole = f32x4_load_splat(&fit->whole);
    t = f32x4_min(f32x4_max(t, f32x4_neg(limit)), limit);
    f32x4 y = f32x4_add(t, whole), rest = f32x4_sub(t, f32x4_sub(y, whole));
    f32x4 p = f32x4_load_splat(&fit->p[0]);
    for (int i = 1; i < 7; i++)
        p = f32x4_add_product(f32x4_load_splat(&fit->p[i]), p, rest);
    return f32x4_scale(p, y);
}

#endif
