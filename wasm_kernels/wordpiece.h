/* A word into the pieces of the vocabulary. */
#ifndef TD_WORDPIECE_H
#define TD_WORDPIECE_H
#include "tokens.h"

enum { MAX_WORD = 100 }; /* code points; a longer word is unknown */

/* Adds the tokens of a word of n bytes (at most MAX_WORD code points): the longest entry that begins it,
   then the longest continuation that begins the rest, and so on; one unknown token where there is none. */
void wordpiece(struct tokens *t, const struct model *m, const uint8_t *word, uint32_t n);

#endif
