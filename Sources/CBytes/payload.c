// Sources/CBytes/payload.c — unmasking WebSocket payloads and checking that they are UTF-8.

#include "CBytes.h"
#include "loads.h"

#include <cpuid.h>
#include <immintrin.h>
#include <stdatomic.h>

#pragma clang assume_nonnull begin

// Unmasking.
//
// The last vector or word overlaps the one before it. It is loaded before anything is stored: in place, what it
// overlaps with is no longer masked then.

/// The key for bytes that begin `offset` bytes later.
CBYTES_INLINE uint32_t cbytes_rotated(uint32_t key, size_t offset) {
    unsigned bits = 8 * (offset & 3);
    return key >> bits | key << (-bits & 31);
}

CBYTES_INLINE void cbytes_store128(uint8_t *to, __m128i vector) { _mm_storeu_si128((__m128i *)to, vector); }

/// The key for eight bytes.
CBYTES_INLINE uint64_t cbytes_doubled(uint32_t key) { return (uint64_t)key << 32 | key; }

/// Unmasks 1...15 bytes.
CBYTES_INLINE void cbytes_unmask_short(uint8_t *to, const uint8_t *from, size_t count, uint32_t key) {
    if (count >= 8) {
        uint64_t first = cbytes_load64(from) ^ cbytes_doubled(key);
        uint64_t last = cbytes_load64(from + count - 8) ^ cbytes_doubled(cbytes_rotated(key, count));
        __builtin_memcpy(to, &first, sizeof first);
        __builtin_memcpy(to + count - 8, &last, sizeof last);
    } else if (count >= 4) {
        uint32_t first = cbytes_load32(from) ^ key;
        uint32_t last = cbytes_load32(from + count - 4) ^ cbytes_rotated(key, count);
        __builtin_memcpy(to, &first, sizeof first);
        __builtin_memcpy(to + count - 4, &last, sizeof last);
    } else {
        // One byte is all three of these, two are the first and the other two.
        size_t middle = count / 2, end = count - 1;
        uint8_t a = from[0], b = from[middle], c = from[end];
        to[0] = a ^ (uint8_t)key;
        to[middle] = b ^ (uint8_t)(key >> 8 * middle);
        to[end] = c ^ (uint8_t)(key >> 8 * end);
    }
}

/// From so many bytes on, vectors of 32 bytes are worth the check whether the processor has them.
enum { CBYTES_LONG_PAYLOAD = 512 };

/// Whether processor and kernel know AVX2 (Intel SDM vol. 1, 14.7.1).
static bool cbytes_find_avx2(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !(c & bit_AVX)) return false;
    unsigned kept, high;
    __asm__("xgetbv" : "=a"(kept), "=d"(high) : "c"(0));
    enum { XMM_AND_YMM = 6 };
    if ((kept & XMM_AND_YMM) != XMM_AND_YMM) return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & bit_AVX2;
}

/// The same, looked up once: CPUID takes a hypervisor's time. Relaxed, since the value itself is all that is shared: a
/// thread that does not see it yet computes the same value.
CBYTES_INLINE bool cbytes_has_avx2(void) {
    enum { UNKNOWN, NO, YES };
    static _Atomic uint8_t answer = UNKNOWN;
    uint8_t known = atomic_load_explicit(&answer, memory_order_relaxed);
    if (known == UNKNOWN) {
        known = cbytes_find_avx2() ? YES : NO;
        atomic_store_explicit(&answer, known, memory_order_relaxed);
    }
    return known == YES;
}

/// Unmasks 32 bytes or more. The stores between the first and the last vector are aligned: one that crosses two cache
/// lines takes twice the time.
__attribute__((target("avx2"), noinline)) static void cbytes_unmask_long(
    uint8_t *to, const uint8_t *from, size_t count, uint32_t key) {
    const __m256i *source = (const __m256i *)from;
    __m256i first = _mm256_xor_si256(_mm256_loadu_si256(source), _mm256_set1_epi32((int)key));
    __m256i last = _mm256_loadu_si256((const __m256i *)(from + count - 32));
    last = _mm256_xor_si256(last, _mm256_set1_epi32((int)cbytes_rotated(key, count)));
    size_t i = 32 - ((uintptr_t)to & 31);
    const __m256i keys = _mm256_set1_epi32((int)cbytes_rotated(key, i));
    for (; i + 32 < count; i += 32) {
        __m256i vector = _mm256_loadu_si256((const __m256i *)(from + i));
        _mm256_store_si256((__m256i *)(to + i), _mm256_xor_si256(vector, keys));
    }
    _mm256_storeu_si256((__m256i *)to, first);
    _mm256_storeu_si256((__m256i *)(to + count - 32), last);
}

void cbytes_unmask(uint8_t *to, const uint8_t *from, size_t count, uint32_t key) {
    if (count < 16) {
        if (count > 0) cbytes_unmask_short(to, from, count, key);
        return;
    }
    if (count >= CBYTES_LONG_PAYLOAD && cbytes_has_avx2()) return cbytes_unmask_long(to, from, count, key);
    const __m128i keys = _mm_set1_epi32((int)key);
    __m128i last = cbytes_load128(from + count - 16);
    last = _mm_xor_si128(last, _mm_set1_epi32((int)cbytes_rotated(key, count)));
    size_t i = 0;
    for (; i + 64 < count; i += 64) {
        __m128i a = cbytes_load128(from + i), b = cbytes_load128(from + i + 16);
        __m128i c = cbytes_load128(from + i + 32), d = cbytes_load128(from + i + 48);
        cbytes_store128(to + i, _mm_xor_si128(a, keys));
        cbytes_store128(to + i + 16, _mm_xor_si128(b, keys));
        cbytes_store128(to + i + 32, _mm_xor_si128(c, keys));
        cbytes_store128(to + i + 48, _mm_xor_si128(d, keys));
    }
#pragma clang loop unroll(disable)
    for (; i + 16 < count; i += 16) cbytes_store128(to + i, _mm_xor_si128(cbytes_load128(from + i), keys));
    cbytes_store128(to + count - 16, last);
}

// UTF-8 (RFC 3629 §4), as a finite automaton.
//
//   state      expects next              reached by
//   boundary   any first byte            00...7F, or the end of a character
//   one        80...BF                   C2...DF
//   two        80...BF, then one         E1...EC EE EF
//   three      80...BF, then two         F1...F3
//   after E0   A0...BF, then one         E0             shorter forms exist for what lies below
//   after ED   80...9F, then one         ED             surrogates lie above
//   after F0   90...BF, then two         F0             shorter forms exist for what lies below
//   after F4   80...8F, then two         F4             U+10FFFF is the last character
//   rejected   nothing
//
// A byte's class chooses a word, and the state is how far that word is shifted to have the next state in its lowest six
// bits. Only the shift waits for the byte before: one step takes about two cycles.

enum { BOUNDARY = CBYTES_UTF8_BOUNDARY, ONE = 6, TWO = 12, THREE = 18, AFTER_E0 = 24, AFTER_ED = 30, AFTER_F0 = 36 };
enum { AFTER_F4 = 42, REJECTED = CBYTES_UTF8_REJECTED };

/// The word of a class: the next states from each state but the last, which none leaves.
#define CBYTES_ROW(boundary, one, two, three, e0, ed, f0, f4)                                                 \
    ((uint64_t)(boundary) | (uint64_t)(one) << ONE | (uint64_t)(two) << TWO | (uint64_t)(three) << THREE |    \
     (uint64_t)(e0) << AFTER_E0 | (uint64_t)(ed) << AFTER_ED | (uint64_t)(f0) << AFTER_F0 |                   \
     (uint64_t)(f4) << AFTER_F4 | (uint64_t)REJECTED << REJECTED)

/// The word of a class of first bytes.
#define CBYTES_FIRST(next)                                                                                    \
    CBYTES_ROW(next, REJECTED, REJECTED, REJECTED, REJECTED, REJECTED, REJECTED, REJECTED)

static const uint64_t cbytes_utf8_rows[] = {
    CBYTES_FIRST(BOUNDARY),                                                  // 0  00...7F
    CBYTES_ROW(REJECTED, BOUNDARY, ONE, TWO, REJECTED, ONE, REJECTED, TWO),  // 1  80...8F
    CBYTES_ROW(REJECTED, BOUNDARY, ONE, TWO, REJECTED, ONE, TWO, REJECTED),  // 2  90...9F
    CBYTES_ROW(REJECTED, BOUNDARY, ONE, TWO, ONE, REJECTED, TWO, REJECTED),  // 3  A0...BF
    CBYTES_FIRST(REJECTED),                                                  // 4  C0 C1 F5...FF
    CBYTES_FIRST(ONE),                                                       // 5  C2...DF
    CBYTES_FIRST(AFTER_E0),                                                  // 6  E0
    CBYTES_FIRST(TWO),                                                       // 7  E1...EC EE EF
    CBYTES_FIRST(AFTER_ED),                                                  // 8  ED
    CBYTES_FIRST(AFTER_F0),                                                  // 9  F0
    CBYTES_FIRST(THREE),                                                     // 10 F1...F3
    CBYTES_FIRST(AFTER_F4),                                                  // 11 F4
};

/// The classes of all bytes; those below 0x80 are in class 0.
static const uint8_t cbytes_utf8_classes[256] = {
    [0x80 ... 0x8F] = 1, [0x90 ... 0x9F] = 2,  [0xA0 ... 0xBF] = 3, [0xC0 ... 0xC1] = 4, [0xC2 ... 0xDF] = 5,
    [0xE0] = 6,          [0xE1 ... 0xEC] = 7,  [0xED] = 8,          [0xEE ... 0xEF] = 7, [0xF0] = 9,
    [0xF1 ... 0xF3] = 10, [0xF4] = 11,         [0xF5 ... 0xFF] = 4,
};

/// Whether 1...15 bytes are ASCII.
CBYTES_INLINE bool cbytes_is_short_ascii(const uint8_t *bytes, size_t count) {
    if (count >= 4) {
        // Two words at each end, of which those in the middle may be the same.
        size_t step = count >= 8 ? 4 : 0;
        uint32_t bits = cbytes_load32(bytes) | cbytes_load32(bytes + step) | cbytes_load32(bytes + count - 4 - step) |
                        cbytes_load32(bytes + count - 4);
        return (bits & 0x80808080u) == 0;
    }
    return ((bytes[0] | bytes[count / 2] | bytes[count - 1]) & 0x80) == 0;
}

/// The first index from `start` on whose byte may not be ASCII; all bytes before it are ASCII.
CBYTES_INLINE size_t cbytes_after_ascii(const uint8_t *bytes, size_t start, size_t count) {
    size_t i = start;
    for (; count - i >= 64; i += 64) {
        __m128i a = cbytes_load128(bytes + i), b = cbytes_load128(bytes + i + 16);
        __m128i c = cbytes_load128(bytes + i + 32), d = cbytes_load128(bytes + i + 48);
        if (_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d))) != 0) break;
    }
#pragma clang loop unroll(disable)
    for (; count - i >= 16; i += 16) {
        uint32_t mask = (uint32_t)_mm_movemask_epi8(cbytes_load128(bytes + i));
        if (mask != 0) return i + (size_t)__builtin_ctz(mask);
    }
    if (i == count) return count;
    if (count < 16) return cbytes_is_short_ascii(bytes + i, count - i) ? count : i;
    // The last vector, without what was seen before.
    uint32_t mask = (uint32_t)_mm_movemask_epi8(cbytes_load128(bytes + count - 16)) >> (16 - (count - i));
    return mask != 0 ? i + (size_t)__builtin_ctz(mask) : count;
}

uint8_t cbytes_utf8_state(uint8_t start, const uint8_t *bytes, size_t count) {
    uint64_t state = start;
    size_t i = 0;
    while (i < count) {
        if ((state & 63) == BOUNDARY) {
            i = cbytes_after_ascii(bytes, i, count);
            if (i == count) break;
        }
        // Then some bytes one by one: where one is not ASCII, others are near.
        size_t stop = count - i < 16 ? count : i + 16;
#pragma clang loop unroll(disable)
        for (; i < stop; i++) state = cbytes_utf8_rows[cbytes_utf8_classes[bytes[i]]] >> (state & 63);
    }
    return state & 63;
}

#pragma clang assume_nonnull end
