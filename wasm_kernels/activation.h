/* tanh and the logistic function: docs/kernel.md section 7. */
#ifndef TD_ACTIVATION_H
#define TD_ACTIVATION_H
#include "f32x4.h"

/* tanh(x) = x P(x²) / Q(x²), a minimax fit on |x| <= 8.5, constant beyond; odd by construction. */
static inline f32x4 f32x4_tanh(f32x4 x)
{
    x = f32x4_min(f32x4_max(x, f32x4_splat(-8.5f)), f32x4_splat(8.5f));
    f32x4 u = f32x4_mul(x, x);
    f32x4 p = f32x4_splat(1.4099215128737796e-08f);
    f32x4 q = f32x4_splat(8.073604931269074e-07f);
    p = f32x4_add_product(f32x4_splat(2.112154288624879e-05f), u, p);
    q = f32x4_add_product(f32x4_splat(0.0003335687215439975f), u, q);
    p = f32x4_add_product(f32x4_splat(0.0035258173011243343f), u, p);
    q = f32x4_add_product(f32x4_splat(0.025991126894950867f), u, q);
    p = f32x4_add_product(f32x4_splat(0.1340620368719101f), u, p);
    q = f32x4_add_product(f32x4_splat(0.467395156621933f), u, q);
    p = f32x4_add_product(f32x4_splat(0.9999999403953552f), u, p);
    q = f32x4_add_product(f32x4_splat(1.0f), u, q);
    f32x4 y = f32x4_div(f32x4_mul(x, p), q);
    return f32x4_min(f32x4_max(y, f32x4_splat(-1.0f)), f32x4_splat(1.0f));
}

/* σ(x) = 1/2 + 1/2 tanh(x/2) */
static inline f32x4 f32x4_sigmoid(f32x4 x)
{
    f32x4 half = f32x4_splat(0.5f);
    return f32x4_add_product(half, half, f32x4_tanh(f32x4_mul(half, x)));
}

#endif
