/* The exported calls: docs/kernel.md section 1. */
#include <stddef.h>

#include "abi.h"
#include "arena.h"
#include "candidates.h"
#include "cell.h"
#include "cues.h"
#include "embedding.h"
#include "heads.h"
#include "model.h"
#include "query.h"
#include "score.h"
#include "step.h"
#include "text.h"
#include "unicode.h"

#define EXPORT __attribute__((used, visibility("default")))

static struct request request __attribute__((aligned(64)));
static struct result result __attribute__((aligned(64)));
static struct model model;
static struct candidates sets[SETS];
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

EXPORT int32_t td_candidates(uint32_t set, uint32_t capacity, uint32_t dimension, uint32_t format)
{
    return set < SETS ? candidates_reserve(&sets[set], capacity, dimension, format) : TD_E_ARG;
}

EXPORT void *td_array(uint32_t set, uint32_t which)
{
    return set < SETS ? (void *)(uintptr_t)candidates_array(&sets[set], which) : 0;
}

EXPORT int32_t td_commit(uint32_t set, uint32_t first, uint32_t n)
{
    return set < SETS ? candidates_commit(&sets[set], first, n) : TD_E_ARG;
}

/* Whether n bytes from an offset lie in the request, behind its header. */
static int holds(const struct request *q, uint32_t offset, uint32_t n)
{
    return offset >= sizeof *q - sizeof q->payload && offset <= q->bytes && n <= q->bytes - offset;
}

static int text_is_good(const struct request *q)
{
    return q->text_bytes <= MAX_TEXT && holds(q, q->text_offset, q->text_bytes);
}

static int candidates_are_good(const struct request *q)
{
    if (q->set >= SETS || q->candidates > sets[q->set].capacity || q->rows > MAX_ROWS)
        return 0;
    uint32_t bits = 0;
    for (uint32_t i = 0; i < PAIR_WORDS; i++)
        bits += (uint32_t)__builtin_popcount(q->pairs[i]);
    if (bits > q->pair_count || sets[q->set].capacity == 0 || q->query_numbers != sets[q->set].dimension)
        return 0;
    if (q->flags & QUERY_FROM_TEXT)
        return q->query_numbers == model.hidden;
    return q->query_offset % 16 == 0 && holds(q, q->query_offset, q->query_numbers * (uint32_t)sizeof(float));
}

static int request_is_good(void)
{
    const struct request *q = &request;
    const uint32_t of_text = START_FROM_TEXT | ASK_INPUTS | ASK_IDS | ASK_EMBEDDING | QUERY_FROM_TEXT;
    const uint32_t of_candidates = START_FROM_TEXT | QUERY_FROM_TEXT;
    if (q->bytes < sizeof *q - sizeof q->payload || q->bytes > sizeof *q)
        return 0;
    if ((q->flags & ~(of_text | ASK_TEXT | ASK_CANDIDATES)) != 0 || (q->flags & (ASK_TEXT | ASK_CANDIDATES)) == 0)
        return 0;
    if ((q->flags & ASK_TEXT) ? !text_is_good(q) : (q->flags & of_text) != 0)
        return 0;
    if (q->flags & ASK_CANDIDATES)
        return candidates_are_good(q);
    return (q->flags & of_candidates) == 0;
}

static void run_text(float *inputs)
{
    static struct reading reading;
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
    if (request.flags & ASK_INPUTS) {
        result.inputs = n_inputs;
        for (uint32_t k = 0; k < n_inputs; k++)
            result.head_inputs[k] = inputs[k];
    }
    if (request.flags & ASK_IDS)
        for (uint32_t i = 0; i < kept; i++)
            result.ids[i] = tokens->ids[i];
    if (request.flags & (ASK_EMBEDDING | QUERY_FROM_TEXT))
        embedding(result.embedding, &model, tokens->ids, kept);
}

static int32_t run_candidates(const float *last)
{
    static struct query query;
    static struct step step;
    const struct candidates *set = &sets[request.set];
    const uint8_t *in_request = (const uint8_t *)&request + request.query_offset;
    int from_text = (request.flags & QUERY_FROM_TEXT) != 0;
    int32_t status = query_take(&query, set, from_text ? result.embedding : (const float *)(const void *)in_request);
    if (status != TD_OK)
        return status;
    step_begin(&step, model.candidate, request.flags & START_FROM_TEXT ? last : 0, model.hidden);
    result.row_count = score_candidates(&request, set, &query, &step, result.rows);
    result.candidates = request.candidates;
    return TD_OK;
}

static int32_t run(void)
{
    static float inputs[MAX_INPUTS] __attribute__((aligned(16)));
    if (!loaded || ((request.flags & ASK_CANDIDATES) && !model.candidate))
        return TD_E_NOTREADY;
    if (!request_is_good())
        return TD_E_ARG;
    result.models = model.models;
    if (request.flags & ASK_TEXT)
        run_text(inputs);
    return request.flags & ASK_CANDIDATES ? run_candidates(inputs) : TD_OK;
}

/* Zeroes words first to end - 1 of the result. */
static void clear(uint32_t first, uint32_t end)
{
    for (uint32_t *word = (uint32_t *)&result + first, *stop = (uint32_t *)&result + end; word < stop; word++)
        *word = 0;
}

EXPORT int32_t td_run(void)
{
    enum { NUMBERS = 64, ROWS = offsetof(struct result, row_count) / 4 };
    clear(0, request.flags & ASK_TEXT ? NUMBERS : ROWS);
    clear(ROWS, ROWS + 4);
    int32_t status = run();
    if (status != TD_OK)
        clear(0, NUMBERS);
    return result.status = status;
}
