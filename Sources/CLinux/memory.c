// Sources/CLinux/memory.c — the functions that the compiler itself emits calls to.
//
// All are hidden: in `async-nostdd`, glibc and libsystemd keep their own. They are declared here and in no header,
// since no source calls them by name. `-fno-builtin` is not among our flags, so each body is written in a way that the
// compiler cannot turn into a call to itself: assembly, or vectors of fixed size.

#ifndef ASYNC_NOSTD_HOSTED

#include "CLinux.h"

#define HIDDEN __attribute__((visibility("hidden"), used))

typedef unsigned long size;
typedef unsigned char byte;
typedef long long word16 __attribute__((vector_size(16), aligned(1)));
typedef unsigned long word8 __attribute__((aligned(1)));
typedef unsigned int word4 __attribute__((aligned(1)));
typedef unsigned short word2 __attribute__((aligned(1)));

/// From this many bytes on, `rep movsb` is at least as fast as vectors (ERMS, FSRM).
enum { use_rep = 512 };

/// Unless the target lies 1 to 31 bytes behind the source, as far as the addresses in their pages tell: up to 15, Zen 4
/// then copies a byte a cycle, a thirtieth of what it does else; above, half as much as vectors do.
static inline int is_slow_for_rep(const byte *to, const byte *from) {
    return ((size)to - (size)from - 1) % 4096 < 31;
}

static inline void copy_up_to_16(byte *to, const byte *from, size n) {
    // Overlapping ends: each pair of loads covers its whole range of lengths, and both are read before either is
    // stored.
    if (n >= 8) {
        word8 a = *(const word8 *)from, b = *(const word8 *)(from + n - 8);
        *(word8 *)to = a, *(word8 *)(to + n - 8) = b;
    } else if (n >= 4) {
        word4 a = *(const word4 *)from, b = *(const word4 *)(from + n - 4);
        *(word4 *)to = a, *(word4 *)(to + n - 4) = b;
    } else if (n >= 2) {
        word2 a = *(const word2 *)from, b = *(const word2 *)(from + n - 2);
        *(word2 *)to = a, *(word2 *)(to + n - 2) = b;
    } else if (n) {
        *to = *from;
    }
}

/// Copies from the first byte to the last. Right also where the target begins below an overlapping source: whatever a
/// store overwrites was read before, the tail included.
static inline __attribute__((always_inline)) void copy_forwards(byte *to, const byte *from, size n) {
    if (n <= 16) {
        copy_up_to_16(to, from, n);
    } else if (n < use_rep || is_slow_for_rep(to, from)) {
        word16 tail = *(const word16 *)(from + n - 16);
        byte *last = to + n - 16;
        for (; to < last; to += 16, from += 16) *(word16 *)to = *(const word16 *)from;
        *(word16 *)last = tail;
    } else {
        __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
    }
}

HIDDEN void *memcpy(void *restrict target, const void *restrict source, size n) {
    copy_forwards(target, source, n);
    return target;
}

HIDDEN void *memmove(void *target, const void *source, size n) {
    byte *to = target;
    const byte *from = source;
    if ((size)to - (size)from >= n) {
        copy_forwards(to, from, n);  // the target begins below the source, or behind its end
    } else if (n <= 16) {
        copy_up_to_16(to, from, n);
    } else {
        word16 head = *(const word16 *)from;
        while (n > 16) {
            n -= 16;
            *(word16 *)(to + n) = *(const word16 *)(from + n);
        }
        *(word16 *)to = head;
    }
    return target;
}

HIDDEN void *memset(void *target, int value, size n) {
    byte *to = target;
    if (n >= use_rep) {
        __asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(value) : "memory");
        return target;
    }
    unsigned long pattern = (byte)value * 0x0101010101010101ul;
    if (n >= 16) {
        word16 block = {(long long)pattern, (long long)pattern};
        byte *last = to + n - 16;
        for (; to < last; to += 16) *(word16 *)to = block;
        *(word16 *)last = block;
    } else if (n >= 8) {
        *(word8 *)to = pattern, *(word8 *)(to + n - 8) = pattern;
    } else if (n >= 4) {
        *(word4 *)to = (unsigned)pattern, *(word4 *)(to + n - 4) = (unsigned)pattern;
    } else if (n >= 2) {
        *(word2 *)to = (unsigned short)pattern, *(word2 *)(to + n - 2) = (unsigned short)pattern;
    } else if (n) {
        *to = (byte)value;
    }
    return target;
}

HIDDEN int memcmp(const void *left, const void *right, size n) {
    const byte *a = left, *b = right;
    for (; n >= 8; a += 8, b += 8, n -= 8) {
        word8 x = *(const word8 *)a, y = *(const word8 *)b;
        if (x != y) {
            x = __builtin_bswap64(x), y = __builtin_bswap64(y);
            return x < y ? -1 : 1;
        }
    }
    for (size i = 0; i < n; i++) {
        if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
    }
    return 0;
}

HIDDEN __attribute__((alias("memcmp"))) int bcmp(const void *left, const void *right, size n);

// Runtime's heap, in Swift.
extern int async_nostd_allocate(void **block, size alignment, size bytes);
extern void async_nostd_free(void *block);

HIDDEN int posix_memalign(void **block, size alignment, size bytes) {
    return async_nostd_allocate(block, alignment, bytes);
}

HIDDEN void free(void *block) { async_nostd_free(block); }

/// Random bytes for the seed of `Hasher`. Derived conformances refer to it even where no value is hashed.
HIDDEN void arc4random_buf(void *target, size n) {
    for (byte *to = target; n > 0;) {
        long got = linux_syscall3(__NR_getrandom, (long)to, (long)n, 0);
        if (got > 0) to += got, n -= (size)got;
    }
}

/// A function found its stack canary overwritten: SIGILL, which the panic handler reports.
HIDDEN __attribute__((noreturn)) void __stack_chk_fail(void) { __builtin_trap(); }

#endif
