/* The kernel's C as a program of the host, for the sanitizers. It obeys commands on standard input, each a letter,
   a length in bytes (u32) and that many bytes:
     L image    forgets the model and all candidates and loads this one; answers with the status (i32)
     R request  puts it into the request block and runs; answers with the result block
     P first, n (u32), request   the same by td_part
     U          answers with 1 where a number was too small for f32 in the last run, else 0
     C set, capacity, dimension, format (u32)   td_candidates; answers with the status
     A set, array, offset (u32), bytes          writes into an array; answers with 0
     K set, first, n (u32)                      td_commit; answers with the status */
#include <fenv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../wasm_kernels/kernel.c" /* its static state is reset below */

static void get(void *to, size_t n)
{
    if (fread(to, 1, n, stdin) != n)
        exit(1);
}

static void put(const void *from, size_t n)
{
    if (fwrite(from, 1, n, stdout) != n || fflush(stdout) != 0)
        exit(1);
}

static void put_status(int32_t status) { put(&status, sizeof status); }

static void forget_candidates(void)
{
    for (uint32_t i = 0; i < SETS; i++)
        free(sets[i].region);
    memset(sets, 0, sizeof sets);
}

int main(void)
{
    uint8_t *image = 0;
    uint32_t word[4];
    for (int command; (command = getchar()) != EOF;) {
        uint32_t n;
        get(&n, sizeof n);
        if (command == 'L') {
            free(image);
            image = td_alloc(n);
            get(image, n);
            loaded = 0;
            forget_candidates();
            put_status(td_load(image, n));
        } else if (command == 'R' && n <= sizeof request) {
            get(td_block(), n);
            feclearexcept(FE_ALL_EXCEPT);
            td_run();
            put(td_result(), sizeof result);
        } else if (command == 'P' && n >= 2 * sizeof *word && n - 2 * sizeof *word <= sizeof request) {
            get(word, 2 * sizeof *word);
            get(td_block(), n - 2 * sizeof *word);
            feclearexcept(FE_ALL_EXCEPT);
            td_part(word[0], word[1]);
            put(td_result(), sizeof result);
        } else if (command == 'U' && n == 0) {
            put_status(fetestexcept(FE_UNDERFLOW) != 0);
        } else if (command == 'C' && n == sizeof word) {
            get(word, n);
            put_status(td_candidates(word[0], word[1], word[2], word[3]));
        } else if (command == 'A' && n >= 3 * sizeof *word) {
            get(word, 3 * sizeof *word);
            get((uint8_t *)td_array(word[0], word[1]) + word[2], n - 3 * sizeof *word);
            put_status(0);
        } else if (command == 'K' && n == 3 * sizeof *word) {
            get(word, n);
            put_status(td_commit(word[0], word[1], word[2]));
        } else {
            return 1;
        }
    }
    return 0;
}
