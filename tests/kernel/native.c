/* The kernel's C as a program of the host, for the sanitizers. It obeys commands on standard input, each a letter,
   a length in bytes (u32) and that many bytes:
     L image    forgets the model and loads this one; answers with the status (i32)
     R request  puts it into the request block and runs; answers with the result block */
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

int main(void)
{
    uint8_t *image = 0;
    for (int command; (command = getchar()) != EOF;) {
        uint32_t n;
        get(&n, sizeof n);
        if (command == 'L') {
            free(image);
            image = td_alloc(n);
            get(image, n);
            loaded = 0;
            int32_t status = td_load(image, n);
            put(&status, sizeof status);
        } else if (command == 'R' && n <= sizeof request) {
            get(td_block(), n);
            td_run();
            put(td_result(), sizeof result);
        } else {
            return 1;
        }
    }
    return 0;
}
