#include "candidates.h"

#include "abi.h"
#include "arena.h"
#include "dot.h"

enum { ALIGNMENT = 64, GROUP = 4, ROW_PADDING = 16 };

static const float LARGEST_SQUARE = 3e38f;

static uint32_t padded(uint32_t n, uint32_t to) { return (n + to - 1) & ~(to - 1); }

static void clear(uint8_t *region, uint32_t bytes)
{
    uint64_t *words = (uint64_t *)(void *)region;
    for (uint32_t i = 0; i < bytes / sizeof *words; i++)
        words[i] = 0;
}

int32_t candidates_reserve(struct candidates *c, uint32_t capacity, uint32_t dimension, uint32_t format)
{
    if (capacity < 1 || capacity > MAX_CANDIDATES || dimension < 1 || dimension > MAX_DIMENSION || format > ROWS_I8)
        return TD_E_ARG;
    uint32_t stride = padded(dimension, ROW_PADDING), number = format == ROWS_I8 ? 1 : sizeof(float);
    capacity = padded(capacity, GROUP);
    uint32_t rows = padded(capacity * stride * number, ALIGNMENT), word = padded(capacity * 4, ALIGNMENT);
    uint32_t need = rows + (7 + PAIR_WORDS) * word; /* seven arrays of words, and the pairs */
    if (need <= c->region_bytes) {
        clear(c->region, need);
    } else {
        uint32_t bytes = need > 2 * c->region_bytes ? need : 2 * c->region_bytes;
        uint8_t *region = arena_alloc(bytes);
        if (!region)
            return TD_E_MEMORY;
        c->region = region;
        c->region_bytes = bytes;
    }
    uint8_t *at = c->region;
    c->capacity = capacity;
    c->dimension = dimension;
    c->stride = stride;
    c->format = format;
    c->rows = at;
    c->created = (const int32_t *)(void *)(at += rows);
    c->pairs = (const uint32_t *)(void *)(at += word);
    c->frequency = (const float *)(void *)(at += PAIR_WORDS * word);
    c->success = (const float *)(void *)(at += word);
    c->inverse_norm = (float *)(void *)(at += word);
    c->similarity = (float *)(void *)(at += word);
    c->recency = (float *)(void *)(at += word);
    c->overlap = (float *)(void *)(at + word);
    return TD_OK;
}

const void *candidates_array(const struct candidates *c, uint32_t which)
{
    switch (which) {
    case ARRAY_ROWS:
        return c->rows;
    case ARRAY_CREATED:
        return c->created;
    case ARRAY_PAIRS:
        return c->pairs;
    case ARRAY_FREQUENCY:
        return c->frequency;
    case ARRAY_SUCCESS:
        return c->success;
    default:
        return 0;
    }
}

static int is_share(float x) { return x >= 0.0f && x <= 1.0f; }

int candidates_are_finite(const struct candidates *c, uint32_t at, float square)
{
    return square < LARGEST_SQUARE && is_share(c->frequency[at]) && is_share(c->success[at]);
}

/* Sums of squares of n candidates, at most GROUP. */
static void squares(float out[GROUP], const struct candidates *c, uint32_t first, uint32_t n)
{
    const float *f32 = (const float *)c->rows + first * c->stride;
    const int8_t *i8 = (const int8_t *)c->rows + first * c->stride;
    if (c->format == ROWS_F32 && n == GROUP)
        f32x4_store(out, squares4(f32, c->stride));
    else
        for (uint32_t i = 0; i < n; i++, f32 += c->stride, i8 += c->stride)
            out[i] = c->format == ROWS_F32 ? square(f32, c->stride) : square_i8(i8, c->stride);
}

int32_t candidates_commit(struct candidates *c, uint32_t first, uint32_t n)
{
    if (first > c->capacity || n > c->capacity - first)
        return TD_E_ARG;
    for (uint32_t end = first + n; first < end; first += GROUP) {
        float sums[GROUP];
        uint32_t count = end - first < GROUP ? end - first : GROUP;
        squares(sums, c, first, count);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t at = first + i;
            if (!candidates_are_finite(c, at, sums[i]))
                return TD_E_FINITE;
            c->inverse_norm[at] = inverse_root(sums[i]);
        }
    }
    return TD_OK;
}
