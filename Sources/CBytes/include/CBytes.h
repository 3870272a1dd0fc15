// Sources/CBytes/include/CBytes.h — byte scanning with SSE2, and word-wise comparison.
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

/// A walk over the lines of a text, each ended by a control byte, of which CR is to be followed by LF.
struct cbytes_lines {
    size_t start;     ///< where the line begins
    size_t name_end;  ///< the first byte from `start` on that is no letter, digit or '-'
    size_t end;       ///< the control byte that ends the line
    size_t next;      ///< where the next line begins, if this one ends with CRLF
    size_t block;     ///< where the block begins that was scanned last, and 64 before the first one
    uint64_t found;   ///< control bytes of the block that were not yet passed: bit i for byte i
};

/// Finds the next line; false if no control byte is left. Call with the same bytes until a line ends without CRLF.
bool cbytes_next_line(struct cbytes_lines *lines, const uint8_t *bytes, size_t count);

/// The index of the first control byte, or `count`.
size_t cbytes_first_control(const uint8_t *bytes, size_t count);

/// The index of the first byte that is no letter, digit or '-', or `count`.
size_t cbytes_first_after_name(const uint8_t *bytes, size_t count);

/// The index of the first SP, '?', '#' or byte that is no visible ASCII, or `count`.
size_t cbytes_first_after_target(const uint8_t *bytes, size_t count);

// Comparison.

/// Whether the `count` bytes at `left` and `right` are equal, the case of ASCII letters ignored if `ignoring_case`.
bool cbytes_equal(const uint8_t *left, const uint8_t *right, size_t count, bool ignoring_case);

#pragma clang assume_nonnull end

#endif
