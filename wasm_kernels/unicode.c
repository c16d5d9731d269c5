/* Unpacks the table of unicode_tables.h; its format is described in make_unicode.py.

   Unpacked it has two stages: a block of 64 code points is a number below CLASSES, when all are of
   that class and stay themselves, or CLASSES + the index of its 64 entries. */
#include "unicode.h"

#include "unicode_tables.h"

enum { OUT_OF_MEMORY = -4, CLASSES = UC_ALONE + 1 };
enum { SAME, SHIFT, PAIRS, LIST, SEQUENCE };

const uint8_t *uc_text;
static uint32_t limit;
static uint16_t *blocks;
static uint32_t *entries;

/* Reads varints from `at` on. */
typedef struct {
  const uint8_t *at;
} reader;

/* A reader of the class runs: what is left of the current one. */
typedef struct {
  reader in;
  uint32_t left, class;
} class_reader;

/* A reader of the replacements: the next source (UINT32_MAX at the end) and its group. */
typedef struct {
  reader in;
  uint32_t groups, kind, left, source, target;
} text_reader;

static uint32_t varint(reader *r) {
  uint32_t value = 0, shift = 0;
  while (*r->at & 0x80) {
    value |= (uint32_t)(*r->at++ & 0x7f) << shift;
    shift += 7;
  }
  return value | (uint32_t)*r->at++ << shift;
}

static uint32_t zigzag(reader *r) {
  uint32_t n = varint(r);
  return n >> 1 ^ (0u - (n & 1));
}

static void next_run(class_reader *c) {
  uint32_t run = varint(&c->in);
  c->left = run >> 3;
  c->class = run & 7;
}

/* Opens the next group after `last`, the source before it. */
static void next_group(text_reader *t, uint32_t last) {
  if (t->groups == 0) {
    t->source = UINT32_MAX;
    return;
  }
  t->groups--;
  uint32_t head = varint(&t->in);
  t->kind = head & 7;
  t->source = last + 1 + (head >> 3);
  t->left = varint(&t->in);
  t->target += zigzag(&t->in);
}

static uint8_t *put_utf8(uint8_t *to, uint32_t cp) {
  uint32_t more = cp < 0x80 ? 0 : cp < 0x800 ? 1 : cp < 0x10000 ? 2 : 3;
  static const uint8_t lead[] = {0, 0xc0, 0xe0, 0xf0};
  *to++ = (uint8_t)(lead[more] | cp >> (6 * more));
  while (more--) *to++ = (uint8_t)(0x80 | (cp >> (6 * more) & 0x3f));
  return to;
}

/* Writes what replaces the current source and goes on to the next. */
static uint8_t *put_replacement(text_reader *t, uint8_t *to) {
  uint32_t source = t->source;
  to = put_utf8(to, t->target);
  t->left--;
  if (t->kind == SEQUENCE)
    for (; t->left; t->left--) {
      t->target += zigzag(&t->in);
      to = put_utf8(to, t->target);
    }
  if (t->left == 0) {
    next_group(t, source);
    return to;
  }
  t->source += t->kind == PAIRS ? 2 : 1;
  if (t->kind == LIST) t->target += zigzag(&t->in);
  else if (t->kind != SAME) t->target += t->kind == PAIRS ? 2 : 1;
  return to;
}

int uc_init(void *(*alloc)(uint32_t)) {
  reader in = {uc_packed + 4};
  uint32_t count = varint(&in), mixed = varint(&in), text_bytes = varint(&in);
  uint8_t *text = alloc(text_bytes), *end = text;
  blocks = alloc(count * 2);
  entries = alloc(mixed * 64 * 4);
  if (!text || !blocks || !entries) return OUT_OF_MEMORY;
  uc_text = text;
  limit = count * 64;

  uint32_t runs = varint(&in);
  class_reader c = {in, 0, 0};
  while (runs--) varint(&in);
  text_reader t = {in, 0, 0, 0, 0, 0};
  t.groups = varint(&t.in);
  next_group(&t, UINT32_MAX);

  uint32_t *entry = entries;
  next_run(&c);
  for (uint32_t block = 0, cp = 0; block < count; block++) {
    if (c.left >= 64 && t.source >= cp + 64) {
      blocks[block] = (uint16_t)c.class;
      c.left -= 64;
      cp += 64;
    } else {
      blocks[block] = (uint16_t)(CLASSES + (entry - entries) / 64);
      for (uint32_t k = 0; k < 64; k++, cp++, entry++) {
        if (c.left == 0) next_run(&c);
        c.left--;
        *entry = c.class;
        if (cp != t.source) continue;
        uint8_t *start = end;
        end = put_replacement(&t, start);
        *entry |= (uint32_t)(end - start) << 3 | (uint32_t)(start - text) << 8;
      }
    }
    if (c.left == 0 && block + 1 < count) next_run(&c);
  }
  return 0;
}

/* Tags and variation selectors, and the planes for private use; the rest is unassigned. */
static uint32_t above(uint32_t cp) {
  int tags = cp == 0xe0001 || (cp >= 0xe0020 && cp < 0xe0080) || (cp >= 0xe0100 && cp < 0xe01f0);
  int private_use = cp >= 0xf0000 && (cp & 0xffff) < 0xfffe;
  return tags || private_use ? UC_DROP : UC_WORD;
}

uint32_t uc_entry(uint32_t cp) {
  if (cp >= limit) return above(cp);
  uint32_t block = blocks[cp >> 6];
  return block < CLASSES ? block : entries[(block - CLASSES) * 64 + (cp & 63)];
}
