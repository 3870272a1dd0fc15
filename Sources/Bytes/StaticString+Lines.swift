// Sources/Bytes/StaticString+Lines.swift — a literal as a table of words.
//
// One table and an index take a tenth of the code that a `switch` with a literal for each case takes.

extension StaticString {
    /// Line `number`, counted from 0, without its line feed; empty if there is none. Every line ends with a line feed.
    ///
    /// Cost: a walk over the lines before it.
    @inline(never)
    public func line(_ number: Int) -> StaticString {
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
    public func lineNumber(of word: Span<UInt8>) -> Int? {
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
    public func part(_ start: Int, _ end: Int) -> StaticString {
        precondition(start >= 0 && start <= end && end <= utf8CodeUnitCount)
        // SAFETY: the frozen layout of a literal that is a pointer: first byte, length, flags, of which the second says
        // ASCII. Part of a literal is as immortal and as ASCII as the whole.
        return unsafe unsafeBitCast((utf8Start + start, end &- start, UInt8(2)), to: StaticString.self)
    }
}
