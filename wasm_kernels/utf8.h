/* Strict UTF-8, one code point at a time. */
#ifndef TD_UTF8_H
#define TD_UTF8_H
#include <stdint.h>

#define UTF8_MALFORMED 0xFFFFFFFFu

/* Decodes the sequence that starts at p < end with a byte of 0x80 or more; returns where the next one starts.
   A wrong sequence gives UTF8_MALFORMED and ends before the first byte that cannot continue it, which is what
   Python's "ignore" and the web's decoders skip too. */
static inline const uint8_t *utf8_decode(const uint8_t *p, const uint8_t *end, uint32_t *code_point)
{
    uint32_t lead = *p++, low = 0x80, high = 0xBF, more, c;
    *code_point = UTF8_MALFORMED;
    if (lead < 0xC2 || lead > 0xF4)
        return p;
    if (lead < 0xE0) {
        more = 1;
        c = lead & 0x1F;
    } else if (lead < 0xF0) {
        more = 2;
        c = lead & 0x0F;
        low = lead == 0xE0 ? 0xA0 : 0x80;  /* no overlong form */
        high = lead == 0xED ? 0x9F : 0xBF; /* no surrogate */
    } else {
        more = 3;
        c = lead & 0x07;
        low = lead == 0xF0 ? 0x90 : 0x80;
        high = lead == 0xF4 ? 0x8F : 0xBF; /* nothing above U+10FFFF */
    }
    for (; more > 0; more--, low = 0x80, high = 0xBF) {
        if (p == end || *p < low || *p > high)
            return p;
        c = c << 6 | (*p++ & 0x3F);
    }
    *code_point = c;
    return p;
}

/* Writes a code point as UTF-8; returns the end. At most four bytes. */
static inline uint8_t *utf8_encode(uint8_t *p, uint32_t c)
{
    if (c < 0x80) {
        *p++ = (uint8_t)c;
        return p;
    }
    if (c < 0x800) {
        *p++ = (uint8_t)(0xC0 | c >> 6);
    } else {
        if (c < 0x10000) {
            *p++ = (uint8_t)(0xE0 | c >> 12);
        } else {
            *p++ = (uint8_t)(0xF0 | c >> 18);
            *p++ = (uint8_t)(0x80 | (c >> 12 & 0x3F));
        }
        *p++ = (uint8_t)(0x80 | (c >> 6 & 0x3F));
    }
    *p++ = (uint8_t)(0x80 | (c & 0x3F));
    return p;
}

static inline int utf8_continues(uint8_t byte) { return (byte & 0xC0) == 0x80; }

#endif
