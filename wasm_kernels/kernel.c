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
#include "score.h"
#include "text.h"
#include "unicode.h"

#define EXPORT __attribute__((used, visibility("default")))

static struct request request __attribute__((aligned(64)));
static struct result result __attribute__((aligned(64)));
static struct model model;
static struct candidates sets[SETS];
enum { GROUP = 4, NUMBERS = 64, ROWS = offsetof(struct result, row_count) / 4 }; /* words of the result */

static struct scoring scoring;
static int loaded, unpacked;
static int in_parts; /* whether td_part waits for more of a request */

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
    in_parts = 0;
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

/* Runs the text and gets ready for the candidates. */
static int32_t begin(void)
{
    static float inputs[MAX_INPUTS] __attribute__((aligned(16)));
    const struct request *q = &request;
    if (!loaded || ((q->flags & ASK_CANDIDATES) && !model.candidate))
        return TD_E_NOTREADY;
    if (!request_is_good())
        return TD_E_ARG;
    result.models = model.models;
    if (q->flags & ASK_TEXT)
        run_text(inputs);
    if (!(q->flags & ASK_CANDIDATES))
        return TD_OK;
    const float *in_request = (const float *)(const void *)((const uint8_t *)q + q->query_offset);
    return scoring_begin(&scoring, q, &sets[q->set], model.candidate,
                         q->flags & QUERY_FROM_TEXT ? result.embedding : in_request,
                         q->flags & START_FROM_TEXT ? inputs : 0, model.hidden);
}

static void write_rows(void)
{
    result.row_count = ranking_write(&scoring.ranking, scoring.set, scoring.done, result.rows);
    result.candidates = scoring.done;
}

/* Zeroes words first to end - 1 of the result. */
static void clear(uint32_t first, uint32_t end)
{
    for (uint32_t *word = (uint32_t *)&result + first, *stop = (uint32_t *)&result + end; word < stop; word++)
        *word = 0;
}

static void clear_before(void)
{
    in_parts = 0;
    clear(0, request.flags & ASK_TEXT ? NUMBERS : ROWS);
    clear(ROWS, ROWS + 4);
}

static int32_t leave(int32_t status)
{
    if (status != TD_OK)
        clear(0, NUMBERS);
    return result.status = status;
}

EXPORT int32_t td_run(void)
{
    clear_before();
    int32_t status = begin();
    if (status == TD_OK && request.flags & ASK_CANDIDATES) {
        scoring_run(&scoring);
        write_rows();
    }
    return leave(status);
}

/* Whether candidates first to first + n - 1 are the next part of the request. Only the last one may be no multiple
   of four. */
static int part_is_next(uint32_t first, uint32_t n)
{
    const struct request *q = &request;
    if (!request_is_good() || !(q->flags & ASK_CANDIDATES) || first > q->candidates || n > q->candidates - first)
        return 0;
    if (n == 0 || (n % GROUP != 0 && first + n != q->candidates))
        return 0;
    return first == 0 || (in_parts && first == scoring.done && scoring.set == &sets[q->set]);
}

EXPORT int32_t td_part(uint32_t first, uint32_t n)
{
    if (first == 0)
        clear_before();
    int32_t status = loaded ? TD_OK : TD_E_NOTREADY;
    if (status == TD_OK && !part_is_next(first, n))
        status = TD_E_ARG;
    if (status == TD_OK && first == 0)
        status = begin();
    if (status == TD_OK)
        status = scoring_part(&scoring, n);
    in_parts = status == TD_OK && scoring.done < request.candidates;
    if (status == TD_OK && !in_parts)
        write_rows();
    return leave(status);
}
