// Sources/Bytes/Unmasking.swift — taking the mask off WebSocket payloads (RFC 6455 §5.3).
//
// A key is the four bytes of the frame's header as a little-endian number, so that its lowest byte masks the first byte
// of the payload. Masking is the same as unmasking.

import CBytes

/// The key for the part of a payload that begins `payloadOffset` bytes, not negative, after the payload's first byte.
@inline(__always)
package func rotatedMaskingKey(_ key: UInt32, by payloadOffset: Int) -> UInt32 {
    let bits = UInt32(truncatingIfNeeded: payloadOffset) &* 8
    return key &>> bits | key &<< (0 &- bits)
}

/// Writes `count` bytes of `from` without their mask to `to`. Cost: 16 bytes a step.
///
/// - Safety: `count` bytes are readable at `from` and writable at `to`. The two are the same place or do not overlap.
@inline(__always)
@unsafe package func unmaskBytes(
    to: UnsafeMutablePointer<UInt8>, from: UnsafePointer<UInt8>, count: Int, key: UInt32
) {
    // SAFETY: the caller's promise is what the function asks for.
    unsafe cbytes_unmask(to, from, count, key)
}

extension MutableSpan where Element == UInt8 {
    /// Takes the mask off the bytes, in place. Cost: 16 bytes a step.
    @inline(__always)
    package mutating func unmask(with key: UInt32) { unmask(0..<count, with: key) }

    /// Takes the mask off the bytes of `range`, which lie within the span, in place.
    @inline(__always)
    package mutating func unmask(_ range: Range<Int>, with key: UInt32) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        // SAFETY: the buffer is this span's own, borrowed for the call, and the same for reading and for writing.
        unsafe withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            let first = unsafe base + range.lowerBound
            unsafe unmaskBytes(to: first, from: UnsafePointer(first), count: range.count, key: key)
        }
    }
}

extension ByteWriter {
    /// Appends all of `bytes` without their mask, or nothing. One pass; a short payload takes a few nanoseconds.
    @inline(__always)
    package mutating func append(_ bytes: borrowing Span<UInt8>, unmasking key: UInt32) {
        // SAFETY: the span's buffer is valid for the call, and only the writer touches its memory.
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            guard buffer.count <= remaining else {
                overflowed = true
                return
            }
            unsafe unmaskBytes(to: base + count, from: start, count: buffer.count, key: key)
            count &+= buffer.count
        }
    }
}
