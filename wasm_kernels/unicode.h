/* What BERT's uncased normaliser and pre-tokeniser do to one code point. */
#ifndef TD_UNICODE_H
#define TD_UNICODE_H

#include <stdint.h>

#define UC_VERSION (16u << 16 | 0u << 8 | 0u)

enum { UC_WORD, UC_SPACE, UC_PUNCT, UC_DROP, UC_ALONE };

/* Unpacks the tables, once; alloc gives zeroed memory aligned to 4 bytes, or 0.
   0, or TD_E_MEMORY where there is none. */
int uc_init(void *(*alloc)(uint32_t));

/* Class (bits 0-2), bytes of the UTF-8 that replaces the code point (bits 3-7, 0: itself), where
   they begin in uc_text (from bit 8). Hangul syllables are UC_WORD: the caller decomposes them. */
uint32_t uc_entry(uint32_t cp);

extern const uint8_t *uc_text;

#endif
