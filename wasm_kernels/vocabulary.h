/* The entries of the vocabulary, found by their bytes. */
#ifndef TD_VOCABULARY_H
#define TD_VOCABULARY_H
#include <stdint.h>

/* Flags of an entry. */
enum { CONTINUATION = 1, QUESTION_WORD = 2 };

struct vocabulary {
    const uint8_t *strings;  /* joined */
    const uint8_t *lengths;  /* in bytes, 1 to 255 */
    const uint8_t *flags;
    const uint32_t *starts;  /* where each string begins */
    const uint32_t *slots;   /* open addressing: 16 bits of the hash | id + 1, or 0 */
    uint32_t mask;           /* number of slots - 1 */
    uint32_t longest[2];     /* bytes of the longest entry: of those that begin a word, of continuations */
};

/* Builds the table of `count` entries, at most 32,768; allocates. TD_OK or the error. */
int32_t vocabulary_build(struct vocabulary *v, const uint8_t *strings, const uint8_t *lengths,
                         const uint8_t *flags, uint32_t count);

/* Id of the entry with these bytes, -1 where there is none. `hash` is that of the bytes, begun by
   hash_start(continuation) and taken byte by byte by hash_step. */
int32_t vocabulary_find(const struct vocabulary *v, const uint8_t *bytes, uint32_t n,
                        uint32_t continuation, uint32_t hash);

/* FNV-1a; continuations begin elsewhere. */
static inline uint32_t hash_start(uint32_t continuation) { return continuation ? 0x1F83D9ABu : 0x811C9DC5u; }
static inline uint32_t hash_step(uint32_t hash, uint8_t byte) { return (hash ^ byte) * 0x01000193u; }

#endif
