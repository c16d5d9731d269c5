/* What is counted in a text beside its tokens, and the sixteen cues: docs/kernel.md section 6. */
#ifndef TD_CUES_H
#define TD_CUES_H
#include "tokens.h"

/* Every code point that is not dropped is of one kind. */
enum {
    KIND_PLAIN,
    KIND_NEWLINE,
    KIND_QUESTION,
    KIND_DIGIT,
    KIND_UPPER,
    KIND_MATHS,
    KIND_CODE,
    KIND_PUNCT,
    KIND_NONASCII,
    KIND_NONASCII_MATHS,
    KINDS
};

struct counts {
    uint32_t of_kind[KINDS];
    uint32_t numbers, options, words, word_chars;
};

/* Kind of a code point below 128. */
uint32_t kind_of_ascii(uint32_t c);

/* Kind of a code point of 128 or more. */
static inline uint32_t kind_of_other(uint32_t c)
{
    int maths = (c >= 0x370 && c <= 0x3FF) || (c >= 0x2070 && c <= 0x209F) || (c >= 0x2190 && c <= 0x22FF);
    return maths ? KIND_NONASCII_MATHS : KIND_NONASCII;
}

void cues(float out[CUES], const struct counts *c, const struct tokens *t);

#endif
