/* Dot products of vectors whose length n is a multiple of 16: docs/kernel.md section 8. */
#ifndef TD_DOT_H
#define TD_DOT_H
#include "f32x4.h"

/* 1 / √square in two operations, 0 where the square is 0. */
static inline float inverse_root(float square) { return square > 0.0f ? 1.0f / __builtin_sqrtf(square) : 0.0f; }

static inline f32x4 f32x4_add_square(f32x4 sum, f32x4 a) { return f32x4_add_product(sum, a, a); }

/* Of a vector with itself: eight partial sums by index mod 8, the two fours added, then the lanes. */
static inline float square(const float *a, uint32_t n)
{
    f32x4 low = f32x4_splat(0.0f), high = low;
    for (uint32_t k = 0; k < n; k += 8) {
        low = f32x4_add_square(low, f32x4_load(a + k));
        high = f32x4_add_square(high, f32x4_load(a + k + 4));
    }
    return f32x4_sum(f32x4_add(low, high));
}

/* Of four rows that lie one after the other, each with q: the same sums. */
static inline f32x4 dot4(const float *row, const float *q, uint32_t n)
{
    const float *a = row, *b = a + n, *c = b + n, *d = c + n;
    f32x4 a0 = f32x4_splat(0.0f), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
    for (uint32_t k = 0; k < n; k += 8) {
        f32x4 low = f32x4_load(q + k), high = f32x4_load(q + k + 4);
        a0 = f32x4_add_product(a0, f32x4_load(a + k), low);
        a1 = f32x4_add_product(a1, f32x4_load(a + k + 4), high);
        b0 = f32x4_add_product(b0, f32x4_load(b + k), low);
        b1 = f32x4_add_product(b1, f32x4_load(b + k + 4), high);
        c0 = f32x4_add_product(c0, f32x4_load(c + k), low);
        c1 = f32x4_add_product(c1, f32x4_load(c + k + 4), high);
        d0 = f32x4_add_product(d0, f32x4_load(d + k), low);
        d1 = f32x4_add_product(d1, f32x4_load(d + k + 4), high);
    }
    return f32x4_sums(f32x4_add(a0, a1), f32x4_add(b0, b1), f32x4_add(c0, c1), f32x4_add(d0, d1));
}

/* Of four such rows, each with itself: `square` of each, but side by side. */
static inline f32x4 squares4(const float *row, uint32_t n)
{
    const float *a = row, *b = a + n, *c = b + n, *d = c + n;
    f32x4 a0 = f32x4_splat(0.0f), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
    for (uint32_t k = 0; k < n; k += 8) {
        a0 = f32x4_add_square(a0, f32x4_load(a + k));
        a1 = f32x4_add_square(a1, f32x4_load(a + k + 4));
        b0 = f32x4_add_square(b0, f32x4_load(b + k));
        b1 = f32x4_add_square(b1, f32x4_load(b + k + 4));
        c0 = f32x4_add_square(c0, f32x4_load(c + k));
        c1 = f32x4_add_square(c1, f32x4_load(c + k + 4));
        d0 = f32x4_add_square(d0, f32x4_load(d + k));
        d1 = f32x4_add_square(d1, f32x4_load(d + k + 4));
    }
    return f32x4_sums(f32x4_add(a0, a1), f32x4_add(b0, b1), f32x4_add(c0, c1), f32x4_add(d0, d1));
}

/* Of two rows that lie one after the other, each with q and with itself: the same sums, the rows read once. */
static inline void dot2_squares2(float dots[2], float squares[2], const float *row, const float *q, uint32_t n)
{
    const float *a = row, *b = a + n;
    f32x4 a0 = f32x4_splat(0.0f), a1 = a0, b0 = a0, b1 = a0, s0 = a0, s1 = a0, t0 = a0, t1 = a0;
    for (uint32_t k = 0; k < n; k += 8) {
        f32x4 low = f32x4_load(q + k), high = f32x4_load(q + k + 4);
        f32x4 x = f32x4_load(a + k), y = f32x4_load(a + k + 4);
        a0 = f32x4_add_product(a0, x, low);
        a1 = f32x4_add_product(a1, y, high);
        s0 = f32x4_add_square(s0, x);
        s1 = f32x4_add_square(s1, y);
        x = f32x4_load(b + k), y = f32x4_load(b + k + 4);
        b0 = f32x4_add_product(b0, x, low);
        b1 = f32x4_add_product(b1, y, high);
        t0 = f32x4_add_square(t0, x);
        t1 = f32x4_add_square(t1, y);
    }
    dots[0] = f32x4_sum(f32x4_add(a0, a1));
    dots[1] = f32x4_sum(f32x4_add(b0, b1));
    squares[0] = f32x4_sum(f32x4_add(s0, s1));
    squares[1] = f32x4_sum(f32x4_add(t0, t1));
}

/* The same of int8 rows with a query of 14 bits: exact in i32, at most 2,048 · 128 · 8,191 < 2³¹. */
#ifdef __wasm_simd128__

static inline v128_t add_dot_i8(v128_t sum, const int8_t *row, v128_t low, v128_t high)
{
    sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(wasm_i16x8_load8x8(row), low));
    return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(wasm_i16x8_load8x8(row + 8), high));
}

static inline int32_t i32x4_sum(v128_t a)
{
    return wasm_i32x4_extract_lane(a, 0) + wasm_i32x4_extract_lane(a, 1) + wasm_i32x4_extract_lane(a, 2)
           + wasm_i32x4_extract_lane(a, 3);
}

static inline float square_i8(const int8_t *row, uint32_t n)
{
    v128_t sum = wasm_i32x4_splat(0);
    for (uint32_t k = 0; k < n; k += 8) {
        v128_t x = wasm_i16x8_load8x8(row + k);
        sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(x, x));
    }
    return (float)i32x4_sum(sum);
}

static inline f32x4 dot4_i8(const int8_t *row, const int16_t *q, uint32_t n)
{
    v128_t a = wasm_i32x4_splat(0), b = a, c = a, d = a;
    for (uint32_t k = 0; k < n; k += 16) {
        v128_t low = wasm_v128_load(q + k), high = wasm_v128_load(q + k + 8);
        a = add_dot_i8(a, row + k, low, high);
        b = add_dot_i8(b, row + k + n, low, high);
        c = add_dot_i8(c, row + k + 2 * n, low, high);
        d = add_dot_i8(d, row + k + 3 * n, low, high);
    }
    return wasm_f32x4_convert_i32x4(wasm_i32x4_make(i32x4_sum(a), i32x4_sum(b), i32x4_sum(c), i32x4_sum(d)));
}

#else

static inline float square_i8(const int8_t *row, uint32_t n)
{
    int32_t sum = 0;
    for (uint32_t k = 0; k < n; k++)
        sum += (int32_t)row[k] * row[k];
    return (float)sum;
}

static inline f32x4 dot4_i8(const int8_t *row, const int16_t *q, uint32_t n)
{
    int32_t sums[4] = {0};
    for (uint32_t i = 0; i < 4; i++)
        for (uint32_t k = 0; k < n; k++)
            sums[i] += (int32_t)row[i * n + k] * q[k];
    return (f32x4){{(float)sums[0], (float)sums[1], (float)sums[2], (float)sums[3]}};
}

#endif

#endif
