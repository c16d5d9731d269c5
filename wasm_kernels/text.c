#include "text.h"

#include "unicode.h"
#include "utf8.h"
#include "wordpiece.h"

/* What becomes of an ASCII character: the byte that is appended to the word, or one of these. */
enum { DROP, SPACE, SYMBOL };

static struct {
    uint8_t action, kind;
} ascii[128];

/* Where in a line the reader stands, for lines that begin like "(B) ": before the letter, after it, beyond. */
enum line { LINE_BEGIN, LINE_LETTER, LINE_REST };

/* The word that is being read; bytes beyond MAX_WORD code points are not kept. */
struct word {
    uint32_t chars, n;
    uint8_t bytes[4 * MAX_WORD];
};

struct reader {
    struct reading *out;
    const struct model *model;
    struct word word;
    enum line line;
    uint32_t digit_before; /* whether the last code point was a digit */
};

void text_init(void)
{
    for (uint32_t c = 0; c < 128; c++) {
        uint32_t entry = uc_entry(c), class = entry & 7;
        ascii[c].kind = (uint8_t)kind_of_ascii(c);
        if (class == UC_DROP)
            ascii[c].action = DROP;
        else if (class == UC_SPACE)
            ascii[c].action = SPACE;
        else if (class == UC_WORD)
            ascii[c].action = entry >> 3 & 31 ? uc_text[entry >> 8] : (uint8_t)c;
        else
            ascii[c].action = SYMBOL;
    }
}

static inline void append(struct word *w, uint32_t c)
{
    if (++w->chars <= MAX_WORD)
        w->n = (uint32_t)(utf8_encode(w->bytes + w->n, c) - w->bytes);
}

static void append_text(struct word *w, const uint8_t *text, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        w->chars += !utf8_continues(text[i]);
        if (w->chars <= MAX_WORD)
            w->bytes[w->n++] = text[i];
    }
}

/* Conjoining jamo of a syllable: The Unicode Standard, section 3.12. */
static void append_hangul(struct word *w, uint32_t c)
{
    enum { VOWELS = 21, TAILS = 28 };
    uint32_t syllable = c - 0xAC00, tail = syllable % TAILS;
    append(w, 0x1100 + syllable / (VOWELS * TAILS));
    append(w, 0x1161 + syllable / TAILS % VOWELS);
    if (tail)
        append(w, 0x11A7 + tail);
}

/* Adds the tokens of what has been read of a word and begins the next one. */
static void flush(struct reader *r)
{
    struct word *w = &r->word;
    if (w->chars > MAX_WORD)
        tokens_add(&r->out->tokens, r->model, r->model->unknown);
    else
        wordpiece(&r->out->tokens, r->model, w->bytes, w->n);
    w->chars = w->n = 0;
}

static inline void end_word(struct reader *r)
{
    if (r->word.chars == 0)
        return;
    r->out->counts.words++;
    r->out->counts.word_chars += r->word.chars;
    flush(r);
}

static inline void count(struct reader *r, uint32_t c, uint32_t kind)
{
    struct counts *counts = &r->out->counts;
    counts->of_kind[kind]++;
    counts->numbers += kind == KIND_DIGIT && !r->digit_before;
    r->digit_before = kind == KIND_DIGIT;
    if (c == '\n') {
        r->line = LINE_BEGIN;
    } else if (r->line == LINE_BEGIN) {
        if (c != ' ' && c != '(')
            r->line = c >= 'A' && c <= 'J' ? LINE_LETTER : LINE_REST;
    } else if (r->line == LINE_LETTER) {
        counts->options += c == '.' || c == ')';
        r->line = LINE_REST;
    }
}

static inline void read_ascii(struct reader *r, uint32_t c)
{
    uint32_t action = ascii[c].action;
    if (action == DROP) {
        r->digit_before = 0;
        return;
    }
    count(r, c, ascii[c].kind);
    if (action > SYMBOL) {
        if (++r->word.chars <= MAX_WORD)
            r->word.bytes[r->word.n++] = (uint8_t)action;
        return;
    }
    end_word(r);
    if (action == SYMBOL) {
        append(&r->word, c);
        flush(r);
    }
}

static void read_other(struct reader *r, uint32_t c)
{
    uint32_t entry = uc_entry(c), class = entry & 7, n = entry >> 3 & 31;
    if (class == UC_DROP) {
        r->digit_before = 0;
        return;
    }
    count(r, c, kind_of_other(c));
    if (class != UC_WORD)
        end_word(r);
    if (class == UC_SPACE)
        return;
    if (c >= 0xAC00 && c <= 0xD7A3)
        append_hangul(&r->word, c);
    else if (n)
        append_text(&r->word, uc_text + (entry >> 8), n);
    else
        append(&r->word, c);
    if (class != UC_WORD)
        flush(r);
}

static inline int is_small_letter(uint8_t byte) { return byte >= 'a' && byte <= 'z'; }

/* Reads a run of small letters, most of most texts: the same as read_ascii, with the word in registers. */
static inline const uint8_t *read_letters(struct reader *r, const uint8_t *p, const uint8_t *end)
{
    struct word *w = &r->word;
    uint32_t chars = w->chars, n = w->n;
    for (; p < end && is_small_letter(*p); p++)
        if (chars++ < MAX_WORD)
            w->bytes[n++] = *p;
    r->out->counts.of_kind[KIND_PLAIN] += chars - w->chars;
    r->line = LINE_REST;
    r->digit_before = 0;
    w->chars = chars;
    w->n = n;
    return p;
}

void text_read(struct reading *out, const struct model *m, const uint8_t *text, uint32_t n)
{
    static struct reader r;
    *out = (struct reading){0};
    r.out = out;
    r.model = m;
    r.word.chars = r.word.n = 0;
    r.line = LINE_BEGIN;
    r.digit_before = 0;
    for (const uint8_t *p = text, *end = text + n; p < end;) {
        if (is_small_letter(*p)) {
            p = read_letters(&r, p, end);
            continue;
        }
        if (*p < 0x80) {
            read_ascii(&r, *p++);
            continue;
        }
        uint32_t c;
        p = utf8_decode(p, end, &c);
        if (c == UTF8_MALFORMED)
            out->malformed = 1;
        else
            read_other(&r, c);
    }
    end_word(&r);
}
