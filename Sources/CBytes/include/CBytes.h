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

// Scans.

/// Bit i tells whether byte i is in the class, for the first `count` bytes, at most 64.
CBYTES_INLINE uint64_t cbytes_mask(const uint8_t *bytes, size_t count, uint32_t (*is_member)(__m128i)) {
    if (count >= 64) {
        uint64_t a = is_member(_mm_loadu_si128((const __m128i *)bytes));
        uint64_t b = is_member(_mm_loadu_si128((const __m128i *)(bytes + 16)));
        uint64_t c = is_member(_mm_loadu_si128((const __m128i *)(bytes + 32)));
        uint64_t d = is_member(_mm_loadu_si128((const __m128i *)(bytes + 48)));
        return a | b << 16 | c << 32 | d << 48;
    }
    if (count < 16) {
        if (count == 0) return 0;
        return is_member(cbytes_load_partial(bytes, count)) & ((1u << count) - 1);
    }
    // The last vector overlaps the one before: the bits that both set are the same bits.
    uint64_t mask = (uint64_t)is_member(_mm_loadu_si128((const __m128i *)(bytes + count - 16))) << (count - 16);
    for (size_t i = 0; i + 16 < count; i += 16) {
        mask |= (uint64_t)is_member(_mm_loadu_si128((const __m128i *)(bytes + i))) << i;
    }
    return mask;
}

/// The index of the first byte that is in the class, or `count`.
CBYTES_INLINE size_t cbytes_first(const uint8_t *bytes, size_t count, uint32_t (*is_member)(__m128i)) {
    size_t i = 0;
    for (; count - i >= 16; i += 16) {
        uint32_t mask = is_member(_mm_loadu_si128((const __m128i *)(bytes + i)));
        if (__builtin_expect(mask != 0, true)) return i + (size_t)__builtin_ctz(mask);
    }
    if (i == count) return count;
    uint32_t mask = is_member(cbytes_load_partial(bytes + i, count - i)) | 1u << (count - i);
    return i + (size_t)__builtin_ctz(mask);
}

/// The control bytes among the first `count` bytes, at most 64, as a bit mask.
CBYTES_INLINE uint64_t cbytes_controls(const uint8_t *bytes, size_t count) {
    return cbytes_mask(bytes, count, cbytes_is_control);
}

/// The index of the first byte that is no letter, digit or '-', or `count`.
CBYTES_INLINE size_t cbytes_first_after_name(const uint8_t *bytes, size_t count) {
    return cbytes_first(bytes, count, cbytes_ends_name);
}

/// The index of the first SP, '?', '#' or byte that is no visible ASCII, or `count`.
CBYTES_INLINE size_t cbytes_first_after_target(const uint8_t *bytes, size_t count) {
    return cbytes_first(bytes, count, cbytes_ends_target);
}

// Comparison.

/// 0x20 in each byte of `word` that lies between `first` and `last`, two ASCII characters, and 0 in the others.
CBYTES_INLINE uint64_t cbytes_case_bits(uint64_t word, uint8_t first, uint8_t last) {
    const uint64_t ones = 0x0101010101010101u;
    uint64_t low_bits = word & 0x7F * ones;
    uint64_t from_first = low_bits + (0x80u - first) * ones;
    uint64_t after_last = low_bits + (0x7Fu - last) * ones;
    return ((from_first ^ after_last) & ~word & 0x80 * ones) >> 2;
}

/// Whether two words are equal, the case of ASCII letters ignored if `ignoring_case`.
///
/// With a literal as `right`, all but one OR and one comparison is done by the compiler.
CBYTES_INLINE bool cbytes_equal_word(uint64_t left, uint64_t right, bool ignoring_case) {
    if (!ignoring_case) return left == right;
    uint64_t lower = right | cbytes_case_bits(right, 'A', 'Z');
    return (left | cbytes_case_bits(lower, 'a', 'z')) == lower;
}

/// Whether the `count` bytes at `left` and `right` are equal, the case of ASCII letters ignored if `ignoring_case`.
CBYTES_INLINE bool cbytes_equal(const uint8_t *left, const uint8_t *right, size_t count, bool ignoring_case) {
    if (count == 0) return true;
    if (count < 8) {
        return cbytes_equal_word(cbytes_load_short(left, count), cbytes_load_short(right, count), ignoring_case);
    }
    for (size_t i = 0; i + 8 < count; i += 8) {
        if (!cbytes_equal_word(cbytes_load64(left + i), cbytes_load64(right + i), ignoring_case)) return false;
    }
    size_t last = count - 8;
    return cbytes_equal_word(cbytes_load64(left + last), cbytes_load64(right + last), ignoring_case);
}

#pragma clang assume_nonnull end

#endif
