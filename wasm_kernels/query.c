#include "query.h"

#include "dot.h"

enum { GROUP = 4 };

static const float LARGEST_SQUARE = 3e38f, SMALLEST = 1e-30f, LARGEST_ROUNDED = 8191.0f;

static float largest_magnitude(const float *numbers, uint32_t n)
{
    float lanes[4], largest = 0.0f;
    f32x4 most = f32x4_splat(0.0f);
    for (uint32_t k = 0; k < n; k += 4) {
        f32x4 x = f32x4_load(numbers + k);
        most = f32x4_max(most, f32x4_max(x, f32x4_neg(x)));
    }
    f32x4_store(lanes, most);
    for (uint32_t i = 0; i < 4; i++)
        if (lanes[i] > largest)
            largest = lanes[i];
    return largest;
}

int32_t query_take(struct query *q, const struct candidates *c, const float *numbers)
{
    uint32_t n = c->stride, k = 0;
    for (; k < c->dimension; k++)
        q->numbers[k] = numbers[k];
    for (; k < n; k++)
        q->numbers[k] = 0.0f;
    float sum = square(q->numbers, n), largest = largest_magnitude(q->numbers, n);
    if (!(sum < LARGEST_SQUARE) || (largest < SMALLEST && largest != 0.0f))
        return TD_E_FINITE;
    float inverse = inverse_root(sum);
    q->scale = inverse;
    if (c->format == ROWS_I8) {
        float factor = largest > 0.0f ? LARGEST_ROUNDED / largest : 1.0f;
        round_i16(q->rounded, q->numbers, factor, n);
        q->scale = inverse / factor;
    }
    return TD_OK;
}

static f32x4 cosines(const struct query *q, f32x4 dots, const float *inverse_norms)
{
    f32x4 cosine = f32x4_mul(f32x4_mul(dots, f32x4_load_splat(&q->scale)), f32x4_load(inverse_norms));
    return f32x4_min(f32x4_max(cosine, f32x4_splat(-1.0f)), f32x4_splat(1.0f));
}

f32x4 query_cosines(const struct query *q, const struct candidates *c, uint32_t first)
{
    f32x4 dots;
    if (c->format == ROWS_F32)
        dots = dot4((const float *)c->rows + first * c->stride, q->numbers, c->stride);
    else
        dots = dot4_i8((const int8_t *)c->rows + first * c->stride, q->rounded, c->stride);
    return cosines(q, dots, c->inverse_norm + first);
}

int query_cosines_of_part(f32x4 *out, const struct query *q, const struct candidates *c, uint32_t row, uint32_t first,
                          uint32_t n)
{
    float dots[GROUP], squares[GROUP], inverse_norms[GROUP];
    if (c->format == ROWS_F32) {
        const float *rows = (const float *)c->rows + row * c->stride;
        dot2_squares2(dots, squares, rows, q->numbers, c->stride);
        dot2_squares2(dots + 2, squares + 2, rows + 2 * c->stride, q->numbers, c->stride);
    } else {
        const int8_t *rows = (const int8_t *)c->rows + row * c->stride;
        f32x4_store(dots, dot4_i8(rows, q->rounded, c->stride));
        for (uint32_t i = 0; i < GROUP; i++)
            squares[i] = square_i8(rows + i * c->stride, c->stride);
    }
    for (uint32_t i = 0; i < GROUP; i++) {
        if (i < n && !candidates_are_finite(c, first + i, squares[i]))
            return 0;
        inverse_norms[i] = i < n ? inverse_root(squares[i]) : 0.0f;
    }
    *out = cosines(q, f32x4_load(dots), inverse_norms);
    return 1;
}
