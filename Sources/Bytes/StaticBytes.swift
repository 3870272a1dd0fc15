// Sources/Bytes/StaticBytes.swift — bytes that are part of the executable.

/// Bytes that lie in the executable's read-only data: of a literal, or of an array of C. 16 bytes big, free to copy.
@safe public struct StaticBytes: @unchecked Sendable {
    // SHARED: what it points to is never written.
    private let start: UnsafePointer<UInt8>
    /// Number of bytes.
    public let count: Int

    /// The bytes of a literal.
    @inline(__always)
    public init(_ literal: StaticString) {
        unsafe start = literal.utf8Start
        count = literal.utf8CodeUnitCount
    }

    /// `count` bytes from `start` on.
    ///
    /// - Safety: they are readable and never change, for the process's life.
    @inline(__always)
    @unsafe public init(unsafeStart start: UnsafePointer<UInt8>, count: Int) {
        unsafe self.start = start
        self.count = count
    }

    /// No bytes.
    @inline(__always)
    public static var empty: StaticBytes { StaticBytes("") }

    /// The bytes. No cost.
    @inline(__always)
    public var bytes: Span<UInt8> {
        @_lifetime(immortal)
        get {
            // SAFETY: `count` bytes are readable from `start` on for ever, as both initialisers demand.
            let span = unsafe Span(_unsafeStart: start, count: count)
            return unsafe _overrideLifetime(span, copying: ())
        }
    }
}

extension StaticBytes: ExpressibleByStringLiteral {
    /// A literal where bytes are wanted.
    @inline(__always)
    public init(stringLiteral literal: StaticString) { self.init(literal) }
}
