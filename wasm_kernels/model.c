#include "model.h"

#include "abi.h"
#include "arena.h"
#include "unicode.h"

enum { MAGIC = 0x31494454, ALIGNMENT = 64, MAX_VOCABULARY = 32768, MAX_STRING = 255 };

enum {
    STRINGS,
    LENGTHS,
    FLAGS,
    SURPRISAL,
    ROWS,
    SCALES,
    MATRIX_U,
    BIAS_Z,
    BIAS_H,
    HEAD_WEIGHTS,
    HEAD_BIAS,
    CANDIDATE
};

struct header {
    uint32_t magic, abi, bytes;
    uint32_t vocabulary, hidden, models;
    uint32_t front, back, unknown;
    uint32_t unicode;
    float zeta, nu, lambda;
    uint32_t string_bytes;
    uint32_t reserved[2];
    uint32_t offsets[16]; /* of the sections */
};

_Static_assert(sizeof(struct header) == 128, "header of the image");
_Static_assert(sizeof(struct candidate_model) == 152 * sizeof(float), "section of the candidates");

static int shape_is_good(const struct header *h)
{
    if (h->vocabulary < 1 || h->vocabulary > MAX_VOCABULARY || h->unknown >= h->vocabulary)
        return 0;
    if (h->string_bytes < h->vocabulary || h->string_bytes > h->vocabulary * MAX_STRING)
        return 0;
    if (h->hidden < 16 || h->hidden > MAX_HIDDEN || h->hidden % 16 != 0)
        return 0;
    if (h->models < 2 || h->models > MAX_MODELS)
        return 0;
    return h->front >= 1 && h->front <= MAX_KEPT && h->back <= MAX_KEPT - h->front;
}

/* The lengths are at least 1 and add up to the bytes of the strings. */
static int lengths_are_good(const uint8_t *lengths, uint32_t count, uint32_t sum)
{
    for (uint32_t i = 0; i < count; i++) {
        if (lengths[i] == 0 || lengths[i] > sum)
            return 0;
        sum -= lengths[i];
    }
    return sum == 0;
}

/* Address of a section of that many bytes; null where it is not aligned or leaves the image. */
static const void *section(const struct header *h, uint32_t which, uint32_t bytes)
{
    uint32_t offset = h->offsets[which];
    if (offset % ALIGNMENT != 0 || offset < sizeof *h || offset > h->bytes || bytes > h->bytes - offset)
        return 0;
    return (const uint8_t *)h + offset;
}

int32_t model_load(struct model *model, const uint8_t *image, uint32_t n)
{
    if ((uintptr_t)image % ALIGNMENT != 0 || !arena_holds(image, n))
        return TD_E_SECTION;
    const struct header *h = (const struct header *)image;
    if (n < sizeof *h || h->magic != MAGIC || h->abi >> 16 != TD_ABI_VERSION >> 16 || h->bytes != n)
        return TD_E_MAGIC;
    if (h->unicode != UC_VERSION)
        return TD_E_UNICODE;
    if (!shape_is_good(h))
        return TD_E_SHAPE;

    uint32_t v = h->vocabulary, hidden = h->hidden, padded = (h->models + 3) & ~3u;
    uint32_t inputs = 2 * hidden + CUES, word = sizeof(float);
    const uint8_t *strings = section(h, STRINGS, h->string_bytes);
    const uint8_t *lengths = section(h, LENGTHS, v);
    const uint8_t *flags = section(h, FLAGS, v);
    model->surprisal = section(h, SURPRISAL, v);
    model->rows = section(h, ROWS, v * hidden);
    model->scales = section(h, SCALES, v * word);
    model->u = section(h, MATRIX_U, hidden * hidden * word);
    model->bias_z = section(h, BIAS_Z, hidden * word);
    model->bias_h = section(h, BIAS_H, hidden * word);
    model->head_weights = section(h, HEAD_WEIGHTS, inputs * padded * word);
    model->head_bias = section(h, HEAD_BIAS, padded * word);
    if (!strings || !lengths || !flags || !model->surprisal || !model->rows || !model->scales || !model->u
        || !model->bias_z || !model->bias_h || !model->head_weights || !model->head_bias)
        return TD_E_SECTION;
    model->candidate = 0;
    if (h->offsets[CANDIDATE] != 0) {
        uint32_t bytes = (uint32_t)sizeof *model->candidate + hidden * UNITS * word;
        model->candidate = section(h, CANDIDATE, bytes);
        if (!model->candidate)
            return TD_E_SECTION;
    }
    if (!lengths_are_good(lengths, v, h->string_bytes))
        return TD_E_SHAPE;

    model->hidden = hidden;
    model->models = h->models;
    model->front = h->front;
    model->back = h->back;
    model->unknown = h->unknown;
    model->zeta = h->zeta;
    model->nu = h->nu;
    model->lambda = h->lambda;
    return vocabulary_build(&model->vocabulary, strings, lengths, flags, v);
}
