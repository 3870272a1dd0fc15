// Sources/CBytes/include/CBytes.h — SSE2 byte scanning and word-wise comparison, inlined into Swift.
//
// Nothing here reads a byte outside `bytes[0 ..< count]`: a rest shorter than a vector is put together from smaller
// loads, and a longer one overlaps with bytes that were already seen. SSE2 is part of every x86-64 processor.
#ifndef CBYTES_H
#define CBYTES_H

#include <emmintrin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CBYTES_INLINE static inline __attribute__((always_inline))

#pragma clang assume_nonnull begin

// Loads: unaligned, little-endian.

CBYTES_INLINE uint64_t cbytes_load64(const uint8_t *bytes) {
    uint64_t word;
    __builtin_memcpy(&word, bytes, sizeof word);
    return word;
}

CBYTES_INLINE uint32_t cbytes_load32(const uint8_t *bytes) {
    uint32_t word;
    __builtin_memcpy(&word, bytes, sizeof word);
    return word;
}

/// The first `count` (1...7) bytes, the first one lowest, the missing ones zero.
CBYTES_INLINE uint64_t cbytes_load_short(const uint8_t *bytes, size_t count) {
    if (count >= 4) {
        return cbytes_load32(bytes) | (uint64_t)cbytes_load32(bytes + count - 4) << (8 * (count - 4));
    }
    return bytes[0] | (uint64_t)bytes[count / 2] << (8 * (count / 2)) | (uint64_t)bytes[count - 1] << (8 * (count - 1));
}

/// The first `count` (1...15) bytes, the missing ones zero.
CBYTES_INLINE __m128i cbytes_load_partial(const uint8_t *bytes, size_t count) {
    if (count < 8) return _mm_set_epi64x(0, (int64_t)cbytes_load_short(bytes, count));
    if (count == 8) return _mm_set_epi64x(0, (int64_t)cbytes_load64(bytes));
    uint64_t high = cbytes_load64(bytes + count - 8) >> (8 * (16 - count));
    return _mm_set_epi64x((int64_t)high, (int64_t)cbytes_load64(bytes));
}

// Classes: each answers with a 16-bit mask, bit i for byte i.

/// All bytes of `vector` between `low` and `high`, as 0xFF.
CBYTES_INLINE __m128i cbytes_between(__m128i vector, uint8_t low, uint8_t high) {
    __m128i offset = _mm_sub_epi8(vector, _mm_set1_epi8((char)low));
    return _mm_cmpeq_epi8(_mm_min_epu8(offset, _mm_set1_epi8((char)(high - low))), offset);
}

/// 0x00...0x1F except HTAB, and 0x7F: what may not stand in a field value, and what ends a line.
CBYTES_INLINE uint32_t cbytes_is_control(__m128i vector) {
    __m128i low = cbytes_between(vector, 0x00, 0x1F);
    __m128i delete = _mm_cmpeq_epi8(vector, _mm_set1_epi8(0x7F));
    __m128i tab = _mm_cmpeq_epi8(vector, _mm_set1_epi8('\t'));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(tab, low), delete));
}

/// Everything but letters, digits and '-': what ends a common field name.
CBYTES_INLINE uint32_t cbytes_ends_name(__m128i vector) {
    __m128i letter = cbytes_between(_mm_or_si128(vector, _mm_set1_epi8(0x20)), 'a', 'z');
    __m128i digit = cbytes_between(vector, '0', '9');
    __m128i dash = _mm_cmpeq_epi8(vector, _mm_set1_epi8('-'));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(letter, digit), dash)) ^ 0xFFFF;
}

/// SP, '?', '#', and all that is no visible ASCII: what ends a part of a request target.
CBYTES_INLINE uint32_t cbytes_ends_target(__m128i vector) {
    // Signed comparison: 0x80...0xFF are negative, so only 0x21...0x7F are greater than 0x20.
    __m128i visible = _mm_cmpgt_epi8(vector, _mm_set1_epi8(0x20));
    __m128i query = _mm_cmpeq_epi8(vector, _mm_set1_epi8('?'));
    __m128i fragment = _mm_cmpeq_epi8(vector, _mm_set1_epi8('#'));
    __m128i delete = _mm_cmpeq_epi8(vector, _mm_set1_epi8(0x7F));
    __m128i stop = _mm_or_si128(_mm_or_si128(query, fragment), delete);
    return (uint32_t)_mm_movemask_epi8(_mm_andnot_si128(stop, visible)) ^ 0xFFFF;
}

// Scans. What is not inlined lies in CBytes.c.

/// Bit i tells whether byte i is a control byte, for the first `count` bytes, less than 64.
uint64_t cbytes_controls_of_rest(const uint8_t *bytes, size_t count);

/// The control bytes among the first `count` bytes, at most 64, as a bit mask.
CBYTES_INLINE uint64_t cbytes_controls(const uint8_t *bytes, size_t count) {
    if (__builtin_expect(count < 64, false)) return cbytes_controls_of_rest(bytes, count);
    uint64_t a = cbytes_is_control(_mm_loadu_si128((const __m128i *)bytes));
    uint64_t b = cbytes_is_control(_mm_loadu_si128((const __m128i *)(bytes + 16)));
    uint64_t c = cbytes_is_control(_mm_loadu_si128((const __m128i *)(bytes + 32)));
    uint64_t d = cbytes_is_control(_mm_loadu_si128((const __m128i *)(bytes + 48)));
    return a | b << 16 | c << 32 | d << 48;
}

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
