// Sources/Bytes/ByteRange.swift — where a piece of a message lies, without holding on to the message.

/// A half-open range of byte offsets into a message, 8 bytes big and free of any lifetime.
///
/// All zero bits mean ``absent``. A present range may be empty, but not at offset 0.
public struct ByteRange: Equatable, Sendable {
    /// Offset of the first byte.
    private let first: UInt32
    /// Offset after the last byte; 0 if absent.
    private let stop: UInt32

    /// The range of something that is not there.
    @inline(__always)
    public static var absent: ByteRange { ByteRange(0, 0) }

    /// The bytes `start..<end`, which must lie below 4 GiB.
    @inline(__always)
    public init(_ start: Int, _ end: Int) {
        first = UInt32(truncatingIfNeeded: start)
        stop = UInt32(truncatingIfNeeded: end)
    }

    /// Offset of the first byte.
    @inline(__always)
    public var start: Int { Int(first) }

    /// Offset after the last byte.
    @inline(__always)
    public var end: Int { Int(stop) }

    /// Number of bytes.
    @inline(__always)
    public var count: Int { end - start }

    /// Whether there is such a piece, be it empty.
    @inline(__always)
    public var isPresent: Bool { stop != 0 }

    /// Whether the piece is absent or has no bytes.
    @inline(__always)
    public var isEmpty: Bool { first == stop }
}

extension Span where Element == UInt8 {
    /// The bytes of `range`, none for an absent one. Traps if the range reaches past the end.
    @inline(__always)
    public subscript(range: ByteRange) -> Span<UInt8> {
        @_lifetime(copy self)
        get { extracting(range.start..<range.end) }
    }
}
