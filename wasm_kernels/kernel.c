/* The exported calls: docs/kernel.md section 1. */
#include "abi.h"
#include "arena.h"
#include "cell.h"
#include "cues.h"
#include "heads.h"
#include "model.h"
#include "text.h"
#include "unicode.h"

#define EXPORT __attribute__((used, visibility("default")))

static struct request request __attribute__((aligned(64)));
static struct result result __attribute__((aligned(64)));
static struct model model;
static int loaded, unpacked;

EXPORT uint32_t td_abi(void) { return TD_ABI_VERSION; }
EXPORT uint32_t td_unicode(void) { return UC_VERSION; }
EXPORT void *td_alloc(uint32_t n) { return arena_alloc(n); }
EXPORT void *td_block(void) { return &request; }
EXPORT void *td_result(void) { return &result; }

EXPORT int32_t td_load(const uint8_t *image, uint32_t n)
{
    if (loaded)
        return TD_E_NOTREADY;
    int32_t status = model_load(&model, image, n);
    if (status != TD_OK)
        return status;
    if (!unpacked) {
        if (uc_init(arena_alloc) != 0)
            return TD_E_MEMORY;
        unpacked = 1;
        text_init();
    }
    loaded = 1;
    return TD_OK;
}

static int request_is_good(void)
{
    const struct request *q = &request;
    if (q->bytes < sizeof *q - sizeof q->payload || q->bytes > sizeof *q)
        return 0;
    if ((q->flags & ASK_TEXT) == 0 || (q->flags & ~(uint32_t)(ASK_TEXT | ASK_INPUTS | ASK_IDS)) != 0)
        return 0;
    for (uint32_t i = 0; i < sizeof q->reserved / sizeof q->reserved[0]; i++)
        if (q->reserved[i] != 0)
            return 0;
    return q->text_bytes <= MAX_TEXT && q->text_offset >= sizeof *q - sizeof q->payload
           && q->text_offset <= q->bytes && q->text_bytes <= q->bytes - q->text_offset;
}

static int32_t run(void)
{
    static struct reading reading;
    static float inputs[MAX_INPUTS] __attribute__((aligned(16)));
    if (!loaded)
        return TD_E_NOTREADY;
    if (!request_is_good())
        return TD_E_ARG;
    uint32_t hidden = model.hidden, n_inputs = 2 * hidden + CUES;

    text_read(&reading, &model, (const uint8_t *)&request + request.text_offset, request.text_bytes);
    struct tokens *tokens = &reading.tokens;
    uint32_t kept = tokens_cut(tokens, &model);
    cell_run(&model, tokens->ids, kept, inputs, inputs + hidden);
    cues(inputs + 2 * hidden, &reading.counts, tokens);
    heads_run(&model, inputs, result.logits, result.probabilities, result.scores);

    result.kept = kept;
    result.seen = tokens->seen;
    result.unknown = tokens->unknown;
    result.flags = (tokens->seen > kept ? SAW_TRUNCATED : 0) | (reading.malformed ? SAW_MALFORMED : 0);
    result.surprisal = tokens->surprisal;
    result.models = model.models;
    if (request.flags & ASK_INPUTS) {
        result.inputs = n_inputs;
        for (uint32_t k = 0; k < n_inputs; k++)
            result.head_inputs[k] = inputs[k];
    }
    if (request.flags & ASK_IDS)
        for (uint32_t i = 0; i < kept; i++)
            result.ids[i] = tokens->ids[i];
    return TD_OK;
}

EXPORT int32_t td_run(void)
{
    uint32_t *words = (uint32_t *)&result;
    for (uint32_t i = 0; i < 64; i++)
        words[i] = 0;
    return result.status = run();
}
