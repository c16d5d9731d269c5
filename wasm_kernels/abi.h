/* What the host sees: error codes, the request block, the result block. docs/kernel.md explains them. */
#ifndef TD_ABI_H
#define TD_ABI_H
#include <stdint.h>

#define TD_ABI_VERSION 0x00010003u /* major << 16 | minor */

enum {
    TD_OK = 0,
    TD_E_MAGIC = -1,
    TD_E_SECTION = -2,
    TD_E_SHAPE = -3,
    TD_E_MEMORY = -4,
    TD_E_NOTREADY = -5,
    TD_E_ARG = -6,
    TD_E_UNICODE = -7,
    TD_E_FINITE = -8
};

enum { MAX_TEXT = 65536, MAX_KEPT = 512, MAX_HIDDEN = 64, MAX_MODELS = 16, MAX_INPUTS = 192, CUES = 16 };

enum { SETS = 2, MAX_CANDIDATES = 65536, MAX_DIMENSION = 2048, MAX_ROWS = 64, PAIR_WORDS = 4 };

/* Formats of the vectors. */
enum { ROWS_F32, ROWS_I8 };

/* Arrays of a set. */
enum { ARRAY_ROWS, ARRAY_CREATED, ARRAY_PAIRS, ARRAY_FREQUENCY, ARRAY_SUCCESS };

/* Request flags. */
enum {
    ASK_TEXT = 1,
    ASK_CANDIDATES = 2,
    START_FROM_TEXT = 4,
    ASK_INPUTS = 8,
    ASK_IDS = 16,
    ASK_EMBEDDING = 32,
    QUERY_FROM_TEXT = 64
};

/* Result flags. */
enum { SAW_TRUNCATED = 1, SAW_MALFORMED = 2 };

struct request {
    uint32_t bytes;        /* of the request, header included */
    uint32_t result_bytes; /* read by the host's glue alone */
    uint32_t flags;
    uint32_t text_bytes;
    uint32_t text_offset; /* from the start of the block */
    /* Of candidates; read with ASK_CANDIDATES alone. */
    uint32_t query_offset;
    uint32_t query_numbers;
    uint32_t candidates; /* the first ones of the set */
    uint32_t rows;       /* wanted */
    int32_t now;
    uint32_t pairs[PAIR_WORDS]; /* one bit each */
    uint32_t pair_count;
    uint32_t set;
    uint8_t payload[73728];
};

struct row {
    uint32_t index;
    float logit, probability, similarity, recency, frequency, success, overlap;
};

struct result {
    int32_t status;
    uint32_t kept, seen, unknown; /* tokens */
    uint32_t flags;
    uint32_t surprisal; /* of the tokens seen, 1/8 bit */
    uint32_t models, inputs;
    uint32_t zero[8];
    float logits[MAX_MODELS], probabilities[MAX_MODELS], scores[MAX_MODELS];
    float head_inputs[MAX_INPUTS];
    uint32_t ids[MAX_KEPT];
    uint32_t row_count, candidates;
    uint32_t zero_rows[2];
    struct row rows[MAX_ROWS];
    float embedding[MAX_HIDDEN];
    uint32_t zero_end[12];
};

uint32_t td_abi(void);
uint32_t td_unicode(void);
void *td_alloc(uint32_t n);
int32_t td_load(const uint8_t *image, uint32_t n);
void *td_block(void);
void *td_result(void);
int32_t td_candidates(uint32_t set, uint32_t capacity, uint32_t dimension, uint32_t format);
void *td_array(uint32_t set, uint32_t which);
int32_t td_commit(uint32_t set, uint32_t first, uint32_t n);
int32_t td_run(void);
int32_t td_part(uint32_t first, uint32_t n);

_Static_assert(sizeof(struct request) == 73792, "request block");
_Static_assert(sizeof(struct result) == 5440, "result block");

#endif
