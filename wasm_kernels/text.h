/* A text into tokens and counts: docs/kernel.md sections 5 and 6. */
#ifndef TD_TEXT_H
#define TD_TEXT_H
#include "cues.h"
#include "tokens.h"

struct reading {
    struct tokens tokens;
    struct counts counts;
    uint32_t malformed; /* whether any byte was not UTF-8 */
};

/* Looks up the ASCII characters once; after uc_init. */
void text_init(void);

void text_read(struct reading *r, const struct model *m, const uint8_t *text, uint32_t n);

#endif
