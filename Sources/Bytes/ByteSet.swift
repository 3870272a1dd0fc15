// Sources/Bytes/ByteSet.swift — sets of ASCII bytes as two words.

/// A set of ASCII bytes. A look-up is a shift and a mask; bytes from 0x80 on are in no set.
///
/// The sets are literals, not built at run time, so that they need no lazy initialisation. The unit tests build them
/// again from the grammar's own character lists and compare.
public struct ByteSet: Sendable {
    /// Bit n: byte n is a member.
    private let low: UInt64
    /// Bit n: byte 64 + n is a member.
    private let high: UInt64

    /// The set with these two halves.
    @inline(__always)
    public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// `tchar`: what field names, methods and list tokens are made of (RFC 9110 §5.6.2).
    @inline(__always)
    public static var token: ByteSet { ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE) }

    /// `reg-name` without percent signs: unreserved and sub-delims (RFC 3986 §3.2.2), but for the comma: it is what a
    /// proxy leaves that joins two Host fields.
    @inline(__always)
    public static var registeredName: ByteSet { ByteSet(low: 0x2BFF_6FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }

    /// What may stand between the brackets of an IP literal: ``registeredName``, ',' and ':' (RFC 3986 §3.2.2).
    @inline(__always)
    public static var addressLiteral: ByteSet { ByteSet(low: 0x2FFF_7FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }

    /// Whether `byte` is a member.
    @inline(__always)
    public func contains(_ byte: UInt8) -> Bool {
        let half = byte < 64 ? low : high
        return byte < 128 && (half >> UInt64(byte & 63)) & 1 != 0
    }
}
