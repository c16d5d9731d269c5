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

/* Four int8 as f32. The empty asm hides from clang 14 where the integers come from: it would convert one by one. */
static inline f32x4 f32x4_load_i8(const int8_t *p)
{
    v128_t wide = wasm_i32x4_extend_low_i16x8(wasm_i16x8_extend_low_i8x16(wasm_v128_load32_zero(p)));
    __asm__("" : "+r"(wide));
    return wasm_f32x4_convert_i32x4(wide);
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

#undef EACH_LANE

#endif

/* sum + a * b */
static inline f32x4 f32x4_add_product(f32x4 sum, f32x4 a, f32x4 b) { return f32x4_add(sum, f32x4_mul(a, b)); }

#endif
