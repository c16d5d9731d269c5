#include "vocabulary.h"

#include "abi.h"
#include "arena.h"

/* An entry lies at most this far from its slot. Half of the slots stay empty, so that a vocabulary
   reaches it only when its hashes were made to collide; looking up would then take unbounded time. */
enum { MAX_PROBES = 512 };

/* FNV leaves the high bits of short strings alike. */
static inline uint32_t mix(uint32_t hash)
{
    hash ^= hash >> 15;
    hash *= 0x2C1B3C6Du;
    return hash ^ hash >> 13;
}

static inline int same_bytes(const uint8_t *a, const uint8_t *b, uint32_t n)
{
    uint32_t i = 0;
    while (i < n && a[i] == b[i])
        i++;
    return i == n;
}

int32_t vocabulary_find(const struct vocabulary *v, const uint8_t *bytes, uint32_t n, uint32_t continuation,
                        uint32_t hash)
{
    hash = mix(hash);
    for (uint32_t at = hash & v->mask;; at = (at + 1) & v->mask) {
        uint32_t slot = v->slots[at];
        if (slot == 0)
            return -1;
        if (slot >> 16 != hash >> 16)
            continue;
        uint32_t id = (slot & 0xFFFF) - 1;
        if (v->lengths[id] == n && (v->flags[id] & CONTINUATION) == continuation
            && same_bytes(v->strings + v->starts[id], bytes, n))
            return (int32_t)id;
    }
}

int32_t vocabulary_build(struct vocabulary *v, const uint8_t *strings, const uint8_t *lengths, const uint8_t *flags,
                         uint32_t count)
{
    uint32_t n_slots = 1;
    while (n_slots < 2 * count)
        n_slots *= 2;
    uint32_t *starts = arena_alloc(count * sizeof *starts);
    uint32_t *slots = arena_alloc(n_slots * sizeof *slots);
    if (!starts || !slots)
        return TD_E_MEMORY;
    *v = (struct vocabulary){strings, lengths, flags, starts, slots, n_slots - 1, {0, 0}};

    /* In order of the ids, so that of equal entries the first one is found. */
    for (uint32_t id = 0, start = 0; id < count; id++) {
        const uint8_t *bytes = strings + start;
        uint32_t n = lengths[id], continuation = flags[id] & CONTINUATION, hash = hash_start(continuation);
        starts[id] = start;
        start += n;
        if (n > v->longest[continuation])
            v->longest[continuation] = n;
        for (uint32_t i = 0; i < n; i++)
            hash = hash_step(hash, bytes[i]);
        hash = mix(hash);
        uint32_t at = hash & v->mask, probes = 0;
        for (; slots[at] != 0; at = (at + 1) & v->mask)
            if (++probes == MAX_PROBES)
                return TD_E_SHAPE;
        slots[at] = (hash & 0xFFFF0000u) | (id + 1);
    }
    return TD_OK;
}
