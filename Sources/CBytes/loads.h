// Sources/CBytes/loads.h — loads: unaligned, little-endian.

#ifndef CBYTES_LOADS_H
#define CBYTES_LOADS_H

#include <emmintrin.h>
#include <stdint.h>

#define CBYTES_INLINE static inline __attribute__((always_inline))
// A load is its caller's line to a debugger, as an intrinsic is.
#define CBYTES_LOAD static inline __attribute__((always_inline, nodebug))

#pragma clang assume_nonnull begin

CBYTES_LOAD uint64_t cbytes_load64(const uint8_t *bytes) {
    uint64_t word;
    __builtin_memcpy(&word, bytes, sizeof word);
    return word;
}

CBYTES_LOAD uint32_t cbytes_load32(const uint8_t *bytes) {
    uint32_t word;
    __builtin_memcpy(&word, bytes, sizeof word);
    return word;
}

CBYTES_LOAD uint32_t cbytes_load16(const uint8_t *bytes) {
    uint16_t word;
    __builtin_memcpy(&word, bytes, sizeof word);
    return word;
}

CBYTES_LOAD __m128i cbytes_load128(const uint8_t *bytes) { return _mm_loadu_si128((const __m128i *)bytes); }

#pragma clang assume_nonnull end

#endif
