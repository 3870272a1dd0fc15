// Tests/mutants/CMutants/CMutants.c — reads the number of the mutant from the environment.
//
// MUTANT is the number; MUTANTS_REACHED names a file of `mutants_limit` bytes, mapped shared. The same code runs over
// glibc, in the hosted tests and in the freestanding programs, so it makes its system calls itself and reads
// /proc/self/environ. Threads that come first at the same time read the same and store the same.

#include "CMutants.h"

enum { mutants_limit = 4096, text_size = 256 };
enum { call_read = 0, call_open = 2, call_close = 3, call_mmap = 9 };
enum { read_only = 0, read_write = 2, map_shared = 1, protection = 3 };

volatile int mutants_ready;
int mutants_active;
unsigned char *mutants_reached;

static long call(long number, long a, long b, long c, long d, long e) {
    register long fourth __asm__("r10") = d;
    register long fifth __asm__("r8") = e;
    register long sixth __asm__("r9") = 0;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
                     : "rcx", "r11", "memory");
    return result;
}

/// What follows `name` in `text`; null if it begins in another way.
static const char *after(const char *name, const char *text) {
    while (*name && *name == *text) name++, text++;
    return *name ? 0 : text;
}

static void take(const char *entry) {
    const char *value = after("MUTANT=", entry);
    if (value) {
        int number = 0;
        for (; *value >= '0' && *value <= '9'; value++) number = number * 10 + (*value - '0');
        mutants_active = number;
        return;
    }
    value = after("MUTANTS_REACHED=", entry);
    if (!value) return;
    long file = call(call_open, (long)value, read_write, 0, 0, 0);
    if (file < 0) return;
    long place = call(call_mmap, 0, mutants_limit, protection, map_shared, file);
    if (place > 0) mutants_reached = (unsigned char *)place;
    call(call_close, file, 0, 0, 0, 0);
}

/// Called before a thread-local block may exist: no stack canary.
__attribute__((no_stack_protector, noinline)) void mutants_read(void) {
    char bytes[text_size], entry[text_size];
    int length = 0;
    long file = call(call_open, (long)"/proc/self/environ", read_only, 0, 0, 0);
    for (long count; file >= 0 && (count = call(call_read, file, (long)bytes, text_size, 0, 0)) > 0;) {
        for (long i = 0; i < count; i++) {
            if (length < text_size) entry[length++] = bytes[i];
            if (bytes[i] != 0) continue;
            if (entry[length - 1] == 0) take(entry);
            length = 0;
        }
    }
    if (file >= 0) call(call_close, file, 0, 0, 0, 0);
    mutants_ready = 1;
}
