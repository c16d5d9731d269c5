/* The tokens of a text: those kept, and counts over all. */
#ifndef TD_TOKENS_H
#define TD_TOKENS_H
#include <stdint.h>

#include "abi.h"
#include "model.h"

struct tokens {
    uint32_t seen, unknown, continuations, question_words;
    uint32_t surprisal;      /* 1/8 bit */
    uint32_t next;           /* where the next id goes */
    uint32_t ids[MAX_KEPT];  /* the first `front` ones, then a ring of the last `back` */
};

static inline void tokens_add(struct tokens *t, const struct model *m, uint32_t id)
{
    uint32_t flags = m->vocabulary.flags[id];
    t->seen++;
    t->unknown += id == m->unknown;
    t->continuations += (flags & CONTINUATION) != 0;
    t->question_words += (flags & QUESTION_WORD) != 0;
    t->surprisal += m->surprisal[id];
    if (t->next == m->front + m->back) {
        if (m->back == 0)
            return;
        t->next = m->front;
    }
    t->ids[t->next++] = id;
}

/* Puts the ids kept into the order of the text and returns how many there are. */
uint32_t tokens_cut(struct tokens *t, const struct model *m);

#endif
