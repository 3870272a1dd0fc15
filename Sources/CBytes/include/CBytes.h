// Sources/CBytes/include/CBytes.h — scanning, comparing, unmasking and checking bytes, with SSE2.
//
// Nothing here reads a byte outside `bytes[0 ..< count]`: a rest shorter than a vector is put together from smaller
// loads, and a longer one overlaps with bytes that were already seen. SSE2 is part of every x86-64 processor.
#ifndef CBYTES_H
#define CBYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// Scans.

/// A walk over the lines of a head of less than 4 GiB.
struct cbytes_walk {
    size_t start;     ///< where the line begins
    size_t name_end;  ///< its first byte that is no letter, digit or '-', at most `end`
    size_t end;       ///< where its CRLF is
    size_t next;      ///< where the next line begins
    size_t block;     ///< where the block begins that was scanned last; 64 before the text at first
    uint64_t found;   ///< control bytes of the block that were not yet passed: bit i for byte i
    size_t passes;    ///< how many lines may still be passed over
};

/// Which bit of `names` stands for a name of `length` letters and `first`, a small letter, as the first of them.
static inline __attribute__((always_inline)) unsigned cbytes_name_bit(uint8_t first, size_t length) {
    return (unsigned)(length - 7 * first) % 64;
}

/// Goes to the next line; false if the next control byte ends none, or there is no more.
///
/// Passes over field lines that end at `limit` at the latest, and whose name is none of those that `names` has a bit
/// for.
bool cbytes_next_line(struct cbytes_walk *walk, const uint8_t *bytes, size_t count, size_t limit, uint64_t names);

/// The index of the first control byte, or `count`.
size_t cbytes_first_control(const uint8_t *bytes, size_t count);

/// The index of the first byte that is no letter, digit or '-', or `count`.
size_t cbytes_first_after_name(const uint8_t *bytes, size_t count);

/// The index of the first SP, '?', '#' or byte that is no visible ASCII, or `count`.
size_t cbytes_first_after_target(const uint8_t *bytes, size_t count);

// Comparison.

/// Whether the `count` bytes at `left` and `right` are equal, the case of ASCII letters ignored if `ignoring_case`.
bool cbytes_equal(const uint8_t *left, const uint8_t *right, size_t count, bool ignoring_case);

/// Whether the `count` bytes at `left` and `right` are equal. For long ones: 64 bytes a step.
bool cbytes_same(const uint8_t *left, const uint8_t *right, size_t count);

// WebSocket payloads.

/// Writes `count` bytes of `from`, exclusive-or the bytes of `key`, the lowest one first and around again, to `to`.
///
/// `to` may be `from`; else the two must not overlap. Cost: 16 bytes a step, 32 in a long payload if the
/// processor has AVX2.
void cbytes_unmask(uint8_t *to, const uint8_t *from, size_t count, uint32_t key);

/// The state of a UTF-8 check between two characters.
enum { CBYTES_UTF8_BOUNDARY = 0 };
/// The state after a byte that cannot be part of UTF-8 where it stands. There is no way out of it.
enum { CBYTES_UTF8_REJECTED = 48 };

/// The state of a UTF-8 check (RFC 3629 §4) after `count` more bytes. Cost: 16 to 64 ASCII bytes a step, else one.
uint8_t cbytes_utf8_state(uint8_t state, const uint8_t *bytes, size_t count);

#pragma clang assume_nonnull end

#endif
