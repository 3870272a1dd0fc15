// Sources/Bytes/UTF8Validator.swift — whether a text that comes in pieces is UTF-8.

import CBytes

/// Checks that bytes are UTF-8 (RFC 3629 §4), in as many pieces as they come, cut wherever they are cut.
///
/// The text is valid if every piece is accepted and the last one ends ``isAtBoundary``. One byte big.
package struct UTF8Validator: Sendable {
    private var state = UInt8(CBYTES_UTF8_BOUNDARY)

    /// A check of a text from its first byte on.
    @inline(__always)
    package init() {}

    /// Checks the next bytes: false if one of them cannot follow what came before it, and for ever after.
    ///
    /// What can still become a character is accepted, and only that: F4 90, E0 80, ED A0 and C0 are refused at once,
    /// whatever follows. Cost: 16 to 64 bytes of ASCII a step, else about two
    /// cycles a byte.
    @inline(__always)
    package mutating func accepts(_ bytes: borrowing Span<UInt8>) -> Bool {
        // SAFETY: the function reads `count` bytes from the buffer's first one on.
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            state = unsafe cbytes_utf8_state(state, base, buffer.count)
        }
        return state != UInt8(CBYTES_UTF8_REJECTED)
    }

    /// Whether the bytes so far end with a whole character, or there were none.
    @inline(__always)
    package var isAtBoundary: Bool { state == UInt8(CBYTES_UTF8_BOUNDARY) }
}

extension Span where Element == UInt8 {
    /// Whether this is a whole text in UTF-8.
    @inline(__always)
    public var isUTF8: Bool {
        var validator = UTF8Validator()
        return validator.accepts(self) && validator.isAtBoundary
    }

    /// How many of the first `limit` bytes can be shown by themselves: all, but for a character that is cut.
    package func wholeCharacters(upTo limit: Int) -> Int {
        guard count > limit else { return count }
        var end = limit
        // A character's further bytes are 10xxxxxx.
        while end > 0, self[end] & 0xC0 == 0x80 { end &-= 1 }
        return end
    }
}
