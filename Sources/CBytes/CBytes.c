// Sources/CBytes/CBytes.c — the scans and comparisons that are calls: each is used in several places, on short texts.

#include "CBytes.h"

/// What is used in many places is made small: -Os, without a flag of the package.
#define CBYTES_SMALL __attribute__((minsize))

// Scans.

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

CBYTES_SMALL uint64_t cbytes_controls_of_rest(const uint8_t *bytes, size_t count) {
    if (count < 16) {
        if (count == 0) return 0;
        return cbytes_is_control(cbytes_load_partial(bytes, count)) & ((1u << count) - 1);
    }
    // The last vector overlaps the one before: the bits that both set are the same bits.
    size_t i = count - 16;
    uint64_t mask = 0;
    while (true) {
        mask |= (uint64_t)cbytes_is_control(_mm_loadu_si128((const __m128i *)(bytes + i))) << i;
        if (i == 0) return mask;
        i = i < 16 ? 0 : i - 16;
    }
}

CBYTES_SMALL size_t cbytes_first_control(const uint8_t *bytes, size_t count) {
    return cbytes_first(bytes, count, cbytes_is_control);
}

CBYTES_SMALL size_t cbytes_first_after_name(const uint8_t *bytes, size_t count) {
    return cbytes_first(bytes, count, cbytes_ends_name);
}

CBYTES_SMALL size_t cbytes_first_after_target(const uint8_t *bytes, size_t count) {
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

CBYTES_SMALL bool cbytes_equal(const uint8_t *left, const uint8_t *right, size_t count, bool ignoring_case) {
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
