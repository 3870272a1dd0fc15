// Sources/CLinux/library.c — functions of libc and compiler-rt that ordinary Swift code is compiled into calls of.
//
// `Dictionary` and `Set` call `ceil`, `print` and the messages of a debug build call `putchar`, `Int128` divides by
// functions. A program that calls none of them links none of them. All are hidden, as in memory.c.

#ifndef ASYNC_NOSTD_HOSTED

#include "CLinux.h"

#define LIBRARY(name) __attribute__((visibility("hidden"), used, section(".text." #name)))

LIBRARY(strlen) unsigned long strlen(const char *text) {
    unsigned long count = 0;
    // The assembly keeps the compiler from taking this loop for a call of strlen.
    for (; text[count]; count++) __asm__ volatile("");
    return count;
}

// MARK: Printing

/// A thread's line, until its line feed comes or there is no more room: lines of several threads do not mix.
static __thread struct {
    unsigned count;
    char text[252];
} printed __attribute__((tls_model("local-exec")));

static LIBRARY(flush_printed) void write_printed(int descriptor) {
    for (unsigned written = 0; written < printed.count;) {
        long count = linux_syscall3(__NR_write, descriptor, (long)printed.text + written, printed.count - written);
        if (count > 0) written += (unsigned)count;
        // Standard output is closed or full: what is printed is lost, as it is with stdio.
        else if (count != -EINTR) break;
    }
    printed.count = 0;
}

static LIBRARY(flush_printed) void flush_printed(void) { write_printed(1); }

/// Whether the line is what the standard library prints before it traps in a debug build: `FILE:LINE: Fatal error: …`.
static LIBRARY(is_last_word) _Bool is_last_word(void) {
    static const char words[][22] = {": Fatal error", ": Precondition failed", ": Assertion failed"};
    for (unsigned i = 1; i < printed.count; i++) {
        // The first colon of a line that has one behind its line number.
        if (printed.text[i] != ':' || printed.text[i - 1] < '0' || printed.text[i - 1] > '9') continue;
        for (unsigned word = 0; word < sizeof words / sizeof *words; word++) {
            unsigned length = 0;
            while (length < sizeof *words && words[word][length] == printed.text[i + length]) length++;
            if (length == sizeof *words || !words[word][length]) return 1;
        }
        return 0;
    }
    return 0;
}

/// The message of a trap goes to standard error, and is kept for the panic that follows.
static LIBRARY(end_line) void end_line(void) {
    if (!is_last_word()) return flush_printed();
    unsigned end = printed.count - 1;
    write_printed(2);
    printed.text[end] = 0;
    if (!linux_this_diagnosis()->reason) linux_this_diagnosis()->reason = printed.text;
}

LIBRARY(putchar) int putchar(int character) {
    linux_before_exit = flush_printed;
    // No trap has followed: the line was the program's own.
    if (printed.count == 0 && linux_this_diagnosis()->reason == printed.text) linux_this_diagnosis()->reason = 0;
    printed.text[printed.count++] = (char)character;
    if (character == '\n') end_line();
    else if (printed.count == sizeof printed.text) flush_printed();
    return (unsigned char)character;
}

// MARK: Rounding (IEEE 754-2019, 5.9)

/// From 2^52 on every number of double precision is an integer; infinities and NaN count as such here.
static inline _Bool has_fraction(double value) { return __builtin_fabs(value) < 4503599627370496.0; }

static inline double towards_zero(double value) {
    return has_fraction(value) ? __builtin_copysign((double)(long)value, value) : value;
}

static inline double upwards(double value) {
    if (!has_fraction(value)) return value;
    double whole = (double)(long)value;
    return __builtin_copysign(whole < value ? whole + 1 : whole, value);
}

static inline double downwards(double value) {
    if (!has_fraction(value)) return value;
    double whole = (double)(long)value;
    return __builtin_copysign(whole > value ? whole - 1 : whole, value);
}

/// Halves go away from zero.
static inline double to_nearest(double value) {
    if (!has_fraction(value)) return value;
    double whole = (double)(long)value;
    double rest = value - whole;
    if (rest >= 0.5) whole += 1;
    if (rest <= -0.5) whole -= 1;
    return __builtin_copysign(whole, value);
}

/// Halves go to the even neighbour: the rounding of `cvtsd2si`, which is never changed here.
static inline double to_nearest_even(double value) {
    if (!has_fraction(value)) return value;
    long whole;
    __asm__("cvtsd2si %1, %0" : "=r"(whole) : "x"(value));
    return __builtin_copysign((double)whole, value);
}

// None calls another: the compiler makes `ceilf` of `(float)ceil(…)`.
LIBRARY(trunc) double trunc(double value) { return towards_zero(value); }
LIBRARY(ceil) double ceil(double value) { return upwards(value); }
LIBRARY(floor) double floor(double value) { return downwards(value); }
LIBRARY(round) double round(double value) { return to_nearest(value); }
LIBRARY(rint) double rint(double value) { return to_nearest_even(value); }
LIBRARY(truncf) float truncf(float value) { return (float)towards_zero(value); }
LIBRARY(ceilf) float ceilf(float value) { return (float)upwards(value); }
LIBRARY(floorf) float floorf(float value) { return (float)downwards(value); }
LIBRARY(roundf) float roundf(float value) { return (float)to_nearest(value); }
LIBRARY(rintf) float rintf(float value) { return (float)to_nearest_even(value); }

/// The remainder with the dividend's sign, exact: `fprem` subtracts in steps until bit 2 of AH says that it is done
/// (Intel SDM, FPREM).
static inline double remainder_of(double dividend, double divisor) {
    long double rest = dividend, by = divisor;
    __asm__("1: fprem\n fnstsw %%ax\n testb $4, %%ah\n jnz 1b" : "+t"(rest) : "u"(by) : "ax", "cc");
    return (double)rest;
}

LIBRARY(fmod) double fmod(double dividend, double divisor) { return remainder_of(dividend, divisor); }
LIBRARY(fmodf) float fmodf(float dividend, float divisor) { return (float)remainder_of(dividend, divisor); }

// MARK: Integers of 128 bits

typedef unsigned __int128 wide;
typedef __int128 signed_wide;

/// `high:low / divisor`, where the quotient fits in 64 bits: `high < divisor`.
static inline unsigned long divide_narrow(
    unsigned long high, unsigned long low, unsigned long divisor, unsigned long *rest) {
    unsigned long quotient;
    __asm__("divq %4" : "=a"(quotient), "=d"(*rest) : "a"(low), "d"(high), "r"(divisor) : "cc");
    return quotient;
}

static LIBRARY(divide_wide) wide divide_wide(wide dividend, wide divisor, wide *rest) {
    unsigned long high = (unsigned long)(dividend >> 64), low = (unsigned long)dividend;
    if (divisor >> 64 == 0) {
        unsigned long by = (unsigned long)divisor, middle, last;
        unsigned long first = divide_narrow(0, high, by, &middle);
        unsigned long second = divide_narrow(middle, low, by, &last);
        *rest = last;
        return (wide)first << 64 | second;
    }
    wide quotient = 0;
    if (dividend >= divisor) {
        // Both have a high word, so that the quotient has at most 64 bits: one is found a turn.
        int shift = __builtin_clzl((unsigned long)(divisor >> 64)) - __builtin_clzl(high);
        for (divisor <<= shift; shift >= 0; shift--, divisor >>= 1) {
            quotient <<= 1;
            if (dividend >= divisor) dividend -= divisor, quotient |= 1;
        }
    }
    *rest = dividend;
    return quotient;
}

static inline wide magnitude(signed_wide value) { return value < 0 ? -(wide)value : (wide)value; }

LIBRARY(__udivti3) wide __udivti3(wide dividend, wide divisor) {
    wide rest;
    return divide_wide(dividend, divisor, &rest);
}

LIBRARY(__umodti3) wide __umodti3(wide dividend, wide divisor) {
    wide rest;
    divide_wide(dividend, divisor, &rest);
    return rest;
}

LIBRARY(__divti3) signed_wide __divti3(signed_wide dividend, signed_wide divisor) {
    wide rest, quotient = divide_wide(magnitude(dividend), magnitude(divisor), &rest);
    return (signed_wide)((dividend < 0) == (divisor < 0) ? quotient : -quotient);
}

LIBRARY(__modti3) signed_wide __modti3(signed_wide dividend, signed_wide divisor) {
    wide rest;
    divide_wide(magnitude(dividend), magnitude(divisor), &rest);
    return (signed_wide)(dividend < 0 ? -rest : rest);
}

/// The product, and in `overflow` whether it does not fit.
LIBRARY(__muloti4) signed_wide __muloti4(signed_wide left, signed_wide right, int *overflow) {
    wide a = magnitude(left), b = magnitude(right), product;
    _Bool is_negative = (left < 0) != (right < 0);
    wide largest = ((wide)1 << 127) - !is_negative;
    _Bool is_too_large = __builtin_mul_overflow(a, b, &product) || product > largest;
    *overflow = is_too_large;
    return (signed_wide)(is_negative ? -product : product);
}

#endif
