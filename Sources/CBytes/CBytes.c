// Sources/CBytes/CBytes.c — byte scanning with SSE2, and word-wise comparison.

#include "CBytes.h"
#include "loads.h"

/// For what is used in many places or seldom.
#define CBYTES_CALL __attribute__((noinline, minsize))

#pragma clang assume_nonnull begin

/// The first `count` (1...7) bytes, the first one lowest, the missing ones zero.
CBYTES_INLINE uint64_t cbytes_load_short(const uint8_t *bytes, size_t count) {
    if (count >= 4) {
        return cbytes_load32(bytes) | (uint64_t)cbytes_load32(bytes + count - 4) << (8 * (count - 4));
    }
    return bytes[0] | (uint64_t)bytes[count / 2] << (8 * (count / 2)) | (uint64_t)bytes[count - 1] << (8 * (count - 1));
}

/// The first `count` (1...15) bytes, the missing ones zero.
CBYTES_CALL static __m128i cbytes_load_partial(const uint8_t *bytes, size_t count) {
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

/// The index of the first byte that is in the class, or `count`.
CBYTES_INLINE size_t cbytes_first(const uint8_t *bytes, size_t count, uint32_t (*is_member)(__m128i)) {
    size_t i = 0;
    for (; count - i >= 16; i += 16) {
        uint32_t mask = is_member(cbytes_load128(bytes + i));
        if (__builtin_expect(mask != 0, true)) return i + (size_t)__builtin_ctz(mask);
    }
    if (i == count) return count;
    uint32_t mask = is_member(cbytes_load_partial(bytes + i, count - i)) | 1u << (count - i);
    return i + (size_t)__builtin_ctz(mask);
}

/// The control bytes among the first `count` bytes, less than 64: bit i for byte i.
CBYTES_CALL static uint64_t cbytes_controls_of_rest(const uint8_t *bytes, size_t count) {
    if (count < 16) return count ? cbytes_is_control(cbytes_load_partial(bytes, count)) & ((1u << count) - 1) : 0;
    // The last vector overlaps the one before: the bits that both set are the same bits.
    uint64_t mask = (uint64_t)cbytes_is_control(cbytes_load128(bytes + count - 16)) << (count - 16);
    for (size_t i = 0; i + 16 < count; i += 16) mask |= (uint64_t)cbytes_is_control(cbytes_load128(bytes + i)) << i;
    return mask;
}

/// The same for 64 bytes.
CBYTES_INLINE uint64_t cbytes_controls(const uint8_t *bytes) {
    uint64_t a = cbytes_is_control(cbytes_load128(bytes));
    uint64_t b = cbytes_is_control(cbytes_load128(bytes + 16));
    uint64_t c = cbytes_is_control(cbytes_load128(bytes + 32));
    uint64_t d = cbytes_is_control(cbytes_load128(bytes + 48));
    return a | b << 16 | c << 32 | d << 48;
}

/// The length of the name that begins at `start`, where it is longer than a vector or the text is shorter than one.
CBYTES_CALL static size_t cbytes_long_name(const uint8_t *bytes, size_t count, size_t start) {
    return cbytes_first_after_name(bytes + start, count - start);
}

bool cbytes_next_line(struct cbytes_walk *walk, const uint8_t *bytes, size_t count, size_t limit, uint64_t names) {
    size_t start = walk->next, block = walk->block, passes = walk->passes;
    uint64_t found = walk->found;
    bool is_line = false;
    while (true) {
        if (found == 0) {
            if (block + 64 >= count) break;
            block += 64;
            bool is_whole = __builtin_expect(count - block >= 64, true);
            found = is_whole ? cbytes_controls(bytes + block) : cbytes_controls_of_rest(bytes + block, count - block);
            // The LF of a CRLF that the end of the block before cut in two.
            if (start > block) found &= ~1ull;
            continue;
        }
        size_t end = block + (size_t)__builtin_ctzll(found);
        if (end + 1 >= count || cbytes_load16(bytes + end) != ('\r' | '\n' << 8)) break;
        // The bits of CR and LF; there is none for an LF in the next block, and then nothing is left here.
        found &= found - 1;
        found &= found - 1;

        // The CR ends a name too. Where less than a vector follows `start`, the text's last one is looked at.
        uint32_t ends = 0;
        if (__builtin_expect(count >= 16, true)) {
            size_t place = start + 16 <= count ? start : count - 16;
            ends = cbytes_ends_name(cbytes_load128(bytes + place)) >> (start - place);
        }
        size_t length = ends ? (size_t)__builtin_ctz(ends) : cbytes_long_name(bytes, count, start);
        bool is_named = bytes[start + length] == ':' && length > 0;
        if (!is_named || names >> cbytes_name_bit(bytes[start] | 0x20, length) & 1 || end > limit || passes == 0) {
            walk->start = start, walk->name_end = start + length, walk->end = end;
            start = end + 2;
            is_line = true;
            break;
        }
        passes--;
        start = end + 2;
    }
    walk->next = start, walk->block = block, walk->found = found, walk->passes = passes;
    return is_line;
}

CBYTES_CALL size_t cbytes_first_control(const uint8_t *bytes, size_t count) {
    return cbytes_first(bytes, count, cbytes_is_control);
}

size_t cbytes_first_after_name(const uint8_t *bytes, size_t count) {
    return cbytes_first(bytes, count, cbytes_ends_name);
}

CBYTES_CALL size_t cbytes_first_after_target(const uint8_t *bytes, size_t count) {
    return cbytes_first(bytes, count, cbytes_ends_target);
}

// Comparison.

/// The bytes of `word` with its capital ASCII letters made small.
CBYTES_INLINE uint64_t cbytes_lower(uint64_t word) {
    const uint64_t ones = 0x0101010101010101u;
    uint64_t low_bits = word & 0x7F * ones;
    uint64_t from_a = low_bits + (0x80u - 'A') * ones;
    uint64_t after_z = low_bits + (0x7Fu - 'Z') * ones;
    return word | ((from_a ^ after_z) & ~word & 0x80 * ones) >> 2;
}

/// Whether two words are equal, the case of ASCII letters ignored if `ignoring_case`.
CBYTES_INLINE bool cbytes_equal_word(uint64_t left, uint64_t right, bool ignoring_case) {
    return left == right || (ignoring_case && cbytes_lower(left) == cbytes_lower(right));
}

bool cbytes_equal(const uint8_t *left, const uint8_t *right, size_t count, bool ignoring_case) {
    if (count == 0) return true;
    uint64_t a, b;
    if (count < 8) {
        a = cbytes_load_short(left, count), b = cbytes_load_short(right, count);
    } else {
        // The last word may overlap the one before it.
        for (size_t i = 0; i + 8 < count; i += 8) {
            if (!cbytes_equal_word(cbytes_load64(left + i), cbytes_load64(right + i), ignoring_case)) return false;
        }
        a = cbytes_load64(left + count - 8), b = cbytes_load64(right + count - 8);
    }
    return cbytes_equal_word(a, b, ignoring_case);
}

/// 0xFF in all places where 16 bytes are equal.
CBYTES_INLINE __m128i cbytes_equal128(const uint8_t *left, const uint8_t *right) {
    return _mm_cmpeq_epi8(cbytes_load128(left), cbytes_load128(right));
}

bool cbytes_same(const uint8_t *left, const uint8_t *right, size_t count) {
    if (count < 16) return cbytes_equal(left, right, count, false);
    size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        __m128i front = _mm_and_si128(cbytes_equal128(left + i, right + i), cbytes_equal128(left + i + 16, right + i + 16));
        __m128i back =
            _mm_and_si128(cbytes_equal128(left + i + 32, right + i + 32), cbytes_equal128(left + i + 48, right + i + 48));
        if (_mm_movemask_epi8(_mm_and_si128(front, back)) != 0xFFFF) return false;
    }
    for (; i + 16 < count; i += 16) {
        if (_mm_movemask_epi8(cbytes_equal128(left + i, right + i)) != 0xFFFF) return false;
    }
    // The last vector may overlap the one before it.
    return _mm_movemask_epi8(cbytes_equal128(left + count - 16, right + count - 16)) == 0xFFFF;
}

#pragma clang assume_nonnull end
