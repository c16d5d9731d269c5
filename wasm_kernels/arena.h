/* Memory that is given out while loading and never taken back. */
#ifndef TD_ARENA_H
#define TD_ARENA_H
#include <stdint.h>

/* n bytes, zero, 64-byte aligned; null when memory is exhausted. Grows the memory, so never in a request. */
void *arena_alloc(uint32_t n);

/* Whether the n bytes at p were given out by arena_alloc. */
int arena_holds(const void *p, uint32_t n);

#endif
