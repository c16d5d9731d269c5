#include "tokens.h"

static void reverse(uint32_t *begin, uint32_t *end)
{
    while (begin < end) {
        uint32_t id = *begin;
        *begin++ = *--end;
        *end = id;
    }
}

uint32_t tokens_cut(struct tokens *t, const struct model *m)
{
    uint32_t room = m->front + m->back;
    if (t->seen <= room)
        return t->seen;
    uint32_t *ring = t->ids + m->front, *oldest = t->ids + t->next, *end = t->ids + room;
    reverse(ring, oldest);
    reverse(oldest, end);
    reverse(ring, end);
    return room;
}
