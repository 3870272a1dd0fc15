// Sources/Bytes/StaticBytes.swift — bytes that are part of the executable: literals, and tables of words.

/// Bytes that lie in the executable's read-only data: of a literal, or of an array of C. 16 bytes big, free to copy.
///
/// - Invariant: ``count`` bytes from ``start`` on are readable and never change, for the process's life.
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
    @unsafe package init(unsafeStart start: UnsafePointer<UInt8>, count: Int) {
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

extension StaticString {
    /// The literal's bytes. No cost: they lie in the executable's read-only data.
    @inline(__always)
    public var bytes: Span<UInt8> {
        @_lifetime(immortal)
        get {
            // SAFETY: a literal's bytes are never written and never freed.
            let span = unsafe Span(_unsafeStart: utf8Start, count: utf8CodeUnitCount)
            return unsafe _overrideLifetime(span, copying: ())
        }
    }
}

//
// One table and an index take a tenth of the code that a `switch` with a literal for each case takes.

extension StaticString {
    /// Line `number`, counted from 0, without its line feed; empty if there is none. Every line ends with a line feed.
    ///
    /// Cost: a walk over the lines before it.
    @inline(never)
    package func line(_ number: Int) -> StaticString {
        let text = bytes
        var number = number
        var start = 0
        while start < text.count {
            let end = text.firstIndex(of: .lineFeed, in: start..<text.count)
            if number == 0 { return part(start, end) }
            number &-= 1
            start = end &+ 1
        }
        return ""
    }

    /// The number of the first line that is `word`, or nil. Cost: a walk over the lines.
    @inline(never)
    package func lineNumber(of word: Span<UInt8>) -> Int? {
        let text = bytes
        var number = 0
        var start = 0
        while start < text.count {
            let end = text.firstIndex(of: .lineFeed, in: start..<text.count)
            if end &- start == word.count, text.extracting(start..<end).equals(word) { return number }
            number &+= 1
            start = end &+ 1
        }
        return nil
    }

    /// The bytes `start..<end` of an ASCII literal. Traps if they reach past its end.
    @inline(__always)
    package func part(_ start: Int, _ end: Int) -> StaticString {
        precondition(start >= 0 && start <= end && end <= utf8CodeUnitCount)
        // SAFETY: the frozen layout of a literal that is a pointer: first byte, length, flags, of which the second says
        // ASCII. Part of a literal is as immortal and as ASCII as the whole.
        return unsafe unsafeBitCast((utf8Start + start, end &- start, UInt8(2)), to: StaticString.self)
    }
}
