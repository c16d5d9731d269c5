#include "cues.h"

static int contains(const char *set, uint32_t c)
{
    while (*set && (uint32_t)*set != c)
        set++;
    return *set != 0;
}

uint32_t kind_of_ascii(uint32_t c)
{
    if (c >= '0' && c <= '9')
        return KIND_DIGIT;
    if (c >= 'A' && c <= 'Z')
        return KIND_UPPER;
    if (c == '\n')
        return KIND_NEWLINE;
    if (c == '?')
        return KIND_QUESTION;
    if (contains("+-*/=<>^%|~$\\", c))
        return KIND_MATHS;
    if (contains("{}[]();_#@&`", c))
        return KIND_CODE;
    if (contains(".,:!'\"", c))
        return KIND_PUNCT;
    return KIND_PLAIN;
}

static inline float sat(float n, float c) { return n / (n + c); }

static inline float ratio(uint32_t a, uint32_t b) { return b == 0 ? 0.0f : (float)a / (float)b; }

void cues(float out[CUES], const struct counts *c, const struct tokens *t)
{
    const uint32_t *of = c->of_kind;
    uint32_t chars = 0;
    for (uint32_t kind = 0; kind < KINDS; kind++)
        chars += of[kind];

    out[0] = sat((float)t->seen, 32.0f);
    out[1] = sat((float)t->seen, 256.0f);
    out[2] = sat((float)of[KIND_NEWLINE], 4.0f);
    out[3] = sat((float)c->options, 4.0f);
    out[4] = sat((float)of[KIND_QUESTION], 1.0f);
    out[5] = sat((float)t->question_words, 1.0f);
    out[6] = sat((float)c->numbers, 4.0f);
    out[7] = ratio(of[KIND_DIGIT], chars);
    out[8] = ratio(of[KIND_UPPER], chars);
    out[9] = ratio(of[KIND_MATHS] + of[KIND_NONASCII_MATHS], chars);
    out[10] = ratio(of[KIND_CODE], chars);
    out[11] = ratio(of[KIND_PUNCT], chars);
    out[12] = ratio(of[KIND_NONASCII] + of[KIND_NONASCII_MATHS], chars);
    out[13] = ratio(t->continuations, t->seen);
    out[14] = sat(ratio(t->surprisal, t->seen), 64.0f);
    out[15] = sat(ratio(c->word_chars, c->words), 8.0f);
}
