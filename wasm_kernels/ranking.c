#include "ranking.h"

#include "activation.h"

enum { LANES = 4 };

void ranking_add(struct ranking *r, const struct row *row)
{
    uint32_t place = r->count, i = place;
    if (place == r->room)
        place = r->order[--i].place;
    else
        r->count++;
    for (; i > 0 && row->logit > r->order[i - 1].logit; i--)
        r->order[i] = r->order[i - 1];
    r->order[i].logit = row->logit;
    r->order[i].place = place;
    r->rows[place] = *row;
}

uint32_t ranking_write(const struct ranking *r, struct row *out)
{
    float lanes[LANES] = {0};
    for (uint32_t i = 0; i < r->count; i++) {
        if (i % LANES == 0) {
            for (uint32_t j = 0; j < LANES; j++)
                lanes[j] = i + j < r->count ? r->order[i + j].logit : 0.0f;
            f32x4_store(lanes, f32x4_sigmoid(f32x4_load(lanes)));
        }
        out[i] = r->rows[r->order[i].place];
        out[i].probability = lanes[i % LANES];
    }
    return r->count;
}
