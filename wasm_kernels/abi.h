/* What the host sees: error codes, the request block, the result block. docs/kernel.md explains them. */
#ifndef TD_ABI_H
#define TD_ABI_H
#include <stdint.h>

#define TD_ABI_VERSION 0x00010000u /* major << 16 | minor */

enum {
    TD_OK = 0,
    TD_E_MAGIC = -1,
    TD_E_SECTION = -2,
    TD_E_SHAPE = -3,
    TD_E_MEMORY = -4,
    TD_E_NOTREADY = -5,
    TD_E_ARG = -6,
    TD_E_UNICODE = -7
};

enum { MAX_TEXT = 65536, MAX_KEPT = 512, MAX_HIDDEN = 64, MAX_MODELS = 16, MAX_INPUTS = 192, CUES = 16 };

/* Request flags. 2 and 4 belong to candidates and are refused. */
enum { ASK_TEXT = 1, ASK_INPUTS = 8, ASK_IDS = 16 };

/* Result flags. */
enum { SAW_TRUNCATED = 1, SAW_MALFORMED = 2 };

struct request {
    uint32_t bytes;        /* of the request, header included */
    uint32_t result_bytes; /* read by the host's glue alone */
    uint32_t flags;
    uint32_t text_bytes;
    uint32_t text_offset; /* from the start of the block */
    uint32_t reserved[11];
    uint8_t payload[73728];
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
};

uint32_t td_abi(void);
uint32_t td_unicode(void);
void *td_alloc(uint32_t n);
int32_t td_load(const uint8_t *image, uint32_t n);
void *td_block(void);
void *td_result(void);
int32_t td_run(void);

_Static_assert(sizeof(struct request) == 73792, "request block");
_Static_assert(sizeof(struct result) == 3072, "result block");

#endif
