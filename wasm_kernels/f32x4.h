/* Four f32 lanes: WebAssembly SIMD, or plain C that gives the same bits.
   Every operation is one IEEE 754 operation a lane; a * b + c is two roundings (-ffp-contract=off). */
#ifndef TD_F32X4_H
#define TD_F32X4_H
#include <stdint.h>

#ifdef __wasm_simd128__

#include <wasm_simd128.h>

typedef v128_t f32x4;

static inline f32x4 f32x4_load(const float *p) { return wasm_v128_load(p); }
static inline void f32x4_store(float *p, f32x4 a) { wasm_v128_store(p, a); }
static inline f32x4 f32x4_splat(float x) { return wasm_f32x4_splat(x); }
static inline f32x4 f32x4_load_splat(const float *p) { return wasm_v128_load32_splat(p); }
static inline f32x4 f32x4_add(f32x4 a, f32x4 b) { return wasm_f32x4_add(a, b); }
static inline f32x4 f32x4_sub(f32x4 a, f32x4 b) { return wasm_f32x4_sub(a, b); }
static inline f32x4 f32x4_mul(f32x4 a, f32x4 b) { return wasm_f32x4_mul(a, b); }
static inline f32x4 f32x4_div(f32x4 a, f32x4 b) { return wasm_f32x4_div(a, b); }
static inline f32x4 f32x4_neg(f32x4 a) { return wasm_f32x4_neg(a); }
static inline f32x4 f32x4_min(f32x4 a, f32x4 b) { return wasm_f32x4_pmin(a, b); } /* b < a ? b : a */
static inline f32x4 f32x4_max(f32x4 a, f32x4 b) { return wasm_f32x4_pmax(a, b); } /* a < b ? b : a */

static inline int f32x4_any_above(f32x4 a, f32x4 b) { return wasm_v128_any_true(wasm_f32x4_gt(a, b)); }

/* Lanes (0 + 1) + (2 + 3). */
static inline float f32x4_sum(f32x4 a)
{
    return (wasm_f32x4_extract_lane(a, 0) + wasm_f32x4_extract_lane(a, 1))
           + (wasm_f32x4_extract_lane(a, 2) + wasm_f32x4_extract_lane(a, 3));
}

/* The same of four vectors. */
static inline f32x4 f32x4_sums(f32x4 a, f32x4 b, f32x4 c, f32x4 d)
{
    f32x4 ab = f32x4_add(wasm_i32x4_shuffle(a, b, 0, 4, 2, 6), wasm_i32x4_shuffle(a, b, 1, 5, 3, 7));
    f32x4 cd = f32x4_add(wasm_i32x4_shuffle(c, d, 0, 4, 2, 6), wasm_i32x4_shuffle(c, d, 1, 5, 3, 7));
    return f32x4_add(wasm_i32x4_shuffle(ab, cd, 0, 1, 4, 5), wasm_i32x4_shuffle(ab, cd, 2, 3, 6, 7));
}

/* Four int8 as f32. The empty asm hides from clang 14 where the integers come from: it would convert one by one. */
static inline f32x4 f32x4_load_i8(const int8_t *p)
{
    v128_t wide = wasm_i32x4_extend_low_i16x8(wasm_i16x8_extend_low_i8x16(wasm_v128_load32_zero(p)));
    __asm__("" : "+r"(wide));
    return wasm_f32x4_convert_i32x4(wide);
}

/* now - then of four, held within [0, 2³¹ - 1]. */
static inline f32x4 f32x4_age(int32_t now, const int32_t *then)
{
    v128_t n = wasm_i32x4_splat(now), t = wasm_v128_load(then);
    v128_t age = wasm_u32x4_min(wasm_i32x4_sub(n, t), wasm_i32x4_splat(INT32_MAX));
    return wasm_f32x4_convert_i32x4(wasm_v128_andnot(age, wasm_i32x4_gt(t, n)));
}

/* a · 2^k, k in the low bits of the float whose last place is worth 1. */
static inline f32x4 f32x4_scale(f32x4 a, f32x4 k) { return wasm_i32x4_add(a, wasm_i32x4_shl(k, 23)); }

/* The whole numbers nearest to factor · x, which lie within ±2¹⁵: adding 1.5 · 2²³ leaves them in the low bits.
   n is a multiple of 8. */
static inline void round_i16(int16_t *out, const float *x, float factor, uint32_t n)
{
    v128_t f = wasm_f32x4_splat(factor), shift = wasm_f32x4_splat(12582912.0f), bits = wasm_i32x4_splat(0x4B400000);
    for (uint32_t k = 0; k < n; k += 8) {
        v128_t low = wasm_f32x4_add(wasm_f32x4_mul(wasm_v128_load(x + k), f), shift);
        v128_t high = wasm_f32x4_add(wasm_f32x4_mul(wasm_v128_load(x + k + 4), f), shift);
        wasm_v128_store(out + k, wasm_i16x8_narrow_i32x4(wasm_i32x4_sub(low, bits), wasm_i32x4_sub(high, bits)));
    }
}

#else

typedef struct {
    float lane[4];
} f32x4;

#define EACH_LANE(EXPRESSION)          \
    f32x4 r;                           \
    for (int i = 0; i < 4; i++)        \
        r.lane[i] = (EXPRESSION);      \
    return r

static inline f32x4 f32x4_load(const float *p) { EACH_LANE(p[i]); }
static inline void f32x4_store(float *p, f32x4 a)
{
    for (int i = 0; i < 4; i++)
        p[i] = a.lane[i];
}
static inline f32x4 f32x4_splat(float x) { EACH_LANE(x); }
static inline f32x4 f32x4_load_splat(const float *p) { EACH_LANE(*p); }
static inline f32x4 f32x4_add(f32x4 a, f32x4 b) { EACH_LANE(a.lane[i] + b.lane[i]); }
static inline f32x4 f32x4_sub(f32x4 a, f32x4 b) { EACH_LANE(a.lane[i] - b.lane[i]); }
static inline f32x4 f32x4_mul(f32x4 a, f32x4 b) { EACH_LANE(a.lane[i] * b.lane[i]); }
static inline f32x4 f32x4_div(f32x4 a, f32x4 b) { EACH_LANE(a.lane[i] / b.lane[i]); }
static inline f32x4 f32x4_neg(f32x4 a) { EACH_LANE(-a.lane[i]); }
static inline f32x4 f32x4_min(f32x4 a, f32x4 b) { EACH_LANE(b.lane[i] < a.lane[i] ? b.lane[i] : a.lane[i]); }
static inline f32x4 f32x4_max(f32x4 a, f32x4 b) { EACH_LANE(a.lane[i] < b.lane[i] ? b.lane[i] : a.lane[i]); }
static inline f32x4 f32x4_load_i8(const int8_t *p) { EACH_LANE((float)p[i]); }

static inline int f32x4_any_above(f32x4 a, f32x4 b)
{
    return a.lane[0] > b.lane[0] || a.lane[1] > b.lane[1] || a.lane[2] > b.lane[2] || a.lane[3] > b.lane[3];
}

static inline float f32x4_sum(f32x4 a) { return (a.lane[0] + a.lane[1]) + (a.lane[2] + a.lane[3]); }

static inline f32x4 f32x4_sums(f32x4 a, f32x4 b, f32x4 c, f32x4 d)
{
    return (f32x4){{f32x4_sum(a), f32x4_sum(b), f32x4_sum(c), f32x4_sum(d)}};
}

static inline float age_of(int32_t now, int32_t then)
{
    int64_t age = (int64_t)now - then;
    return (float)(age < 0 ? 0 : age > INT32_MAX ? INT32_MAX : age);
}

static inline f32x4 f32x4_age(int32_t now, const int32_t *then) { EACH_LANE(age_of(now, then[i])); }

union number {
    float f;
    uint32_t bits;
};

static inline float scale_of(float a, float k)
{
    union number x = {a}, exponent = {k};
    x.bits += exponent.bits << 23;
    return x.f;
}

static inline f32x4 f32x4_scale(f32x4 a, f32x4 k) { EACH_LANE(scale_of(a.lane[i], k.lane[i])); }

static inline void round_i16(int16_t *out, const float *x, float factor, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++) {
        union number sum = {x[k] * factor + 12582912.0f};
        out[k] = (int16_t)((int32_t)sum.bits - 0x4B400000);
    }
}

#undef EACH_LANE

#endif

/* sum + a * b */
static inline f32x4 f32x4_add_product(f32x4 sum, f32x4 a, f32x4 b) { return f32x4_add(sum, f32x4_mul(a, b)); }

#endif
