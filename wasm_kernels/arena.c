#ifndef __wasm__
#define _POSIX_C_SOURCE 200112L /* posix_memalign */
#endif

#include "arena.h"

enum { ALIGNMENT = 64 };

#ifdef __wasm__

enum { PAGE = 65536, MAX_BLOCK = 1 << 30 };

extern uint8_t __heap_base; /* the linker's: end of stack and static data */

static uintptr_t next_free;

static uintptr_t aligned(uintptr_t address)
{
    return (address + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1);
}

void *arena_alloc(uint32_t n)
{
    if (n > MAX_BLOCK)
        return 0;
    uintptr_t start = next_free ? next_free : aligned((uintptr_t)&__heap_base);
    uintptr_t end = aligned(start + n);
    uintptr_t have = __builtin_wasm_memory_size(0) * PAGE;
    if (end > have && __builtin_wasm_memory_grow(0, (end - have + PAGE - 1) / PAGE) == (uintptr_t)-1)
        return 0;
    next_free = end;
    return (void *)start;
}

int arena_holds(const void *p, uint32_t n)
{
    uintptr_t start = (uintptr_t)p;
    return start >= (uintptr_t)&__heap_base && start <= next_free && n <= next_free - start;
}

#else /* the host compiler's build: every block its own, so that a sanitizer sees its borders */

#include <stdlib.h>
#include <string.h>

void *arena_alloc(uint32_t n)
{
    void *block = 0;
    if (posix_memalign(&block, ALIGNMENT, n ? n : 1))
        return 0;
    return memset(block, 0, n);
}

int arena_holds(const void *p, uint32_t n)
{
    (void)n;
    return p != 0;
}

#endif
