#include "wordpiece.h"

#include "utf8.h"

void wordpiece(struct tokens *t, const struct model *m, const uint8_t *word, uint32_t n)
{
    const struct vocabulary *v = &m->vocabulary;
    uint32_t hashes[4 * MAX_WORD]; /* of the first i + 1 bytes of the rest */
    uint32_t ids[MAX_WORD], pieces = 0;
    for (uint32_t continuation = 0; n > 0; continuation = 1) {
        uint32_t length = n < v->longest[continuation] ? n : v->longest[continuation];
        uint32_t hash = hash_start(continuation);
        for (uint32_t i = 0; i < length; i++)
            hashes[i] = hash = hash_step(hash, word[i]);
        int32_t id = -1;
        for (; length > 0; length--) {
            if (length < n && utf8_continues(word[length]))
                continue;
            id = vocabulary_find(v, word, length, continuation, hashes[length - 1]);
            if (id >= 0)
                break;
        }
        if (id < 0) {
            tokens_add(t, m, m->unknown);
            return;
        }
        ids[pieces++] = (uint32_t)id;
        word += length;
        n -= length;
    }
    for (uint32_t i = 0; i < pieces; i++)
        tokens_add(t, m, ids[i]);
}
