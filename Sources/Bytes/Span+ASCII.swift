// Sources/Bytes/Span+ASCII.swift — comparing and trimming protocol text.

import CBytes

extension UInt8 {
    /// Carriage return.
    @inline(__always)
    public static var carriageReturn: UInt8 { 0x0D }
    /// Line feed.
    @inline(__always)
    public static var lineFeed: UInt8 { 0x0A }
    /// The space character.
    @inline(__always)
    public static var space: UInt8 { 0x20 }
    /// The horizontal tab.
    @inline(__always)
    public static var tab: UInt8 { 0x09 }

    /// Whether the byte is SP or HTAB, the optional white space of RFC 9110 §5.6.3.
    @inline(__always)
    public var isBlank: Bool { self == .space || self == .tab }

    /// Whether the byte may stand in no line of a message: 0x00...0x1F but HTAB, and 0x7F.
    @inline(__always)
    public var isControl: Bool { self < 0x20 && self != .tab || self == 0x7F }

    /// Whether the byte is one of '0'...'9'.
    @inline(__always)
    public var isDigit: Bool { self &- 0x30 < 10 }

    /// The value of a hexadecimal digit of either case, or nil.
    @inline(__always)
    public var hexadecimalValue: UInt8? {
        let digit = self &- 0x30
        if digit < 10 { return digit }
        let letter = (self | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter &+ 10 : nil
    }
}

// These are calls, not inlined: there are many uses, on short texts.
extension Span where Element == UInt8 {
    /// Whether the bytes are exactly those of `other`. Cost: 8 bytes a step.
    @inline(never)
    public func equals(_ other: Span<UInt8>) -> Bool {
        count == other.count && compares(other, ignoringCase: false)
    }

    /// Whether the bytes are those of `other`, the case of ASCII letters ignored. Cost: 8 bytes a step.
    @inline(never)
    public func equalsIgnoringCase(_ other: Span<UInt8>) -> Bool {
        count == other.count && compares(other, ignoringCase: true)
    }

    /// Whether the bytes are exactly those of `literal`.
    @inline(__always)
    public func equals(_ literal: StaticString) -> Bool { equals(literal.bytes) }

    /// Whether the bytes are those of `literal`, the case of ASCII letters ignored.
    @inline(__always)
    public func equalsIgnoringCase(_ literal: StaticString) -> Bool { equalsIgnoringCase(literal.bytes) }

    /// Whether the first bytes are those of `literal`.
    @inline(__always)
    public func starts(with literal: StaticString) -> Bool {
        extracting(first: literal.utf8CodeUnitCount).equals(literal)
    }

    /// Whether the first bytes are those of `literal`, the case of ASCII letters ignored.
    @inline(__always)
    public func startsIgnoringCase(with literal: StaticString) -> Bool {
        extracting(first: literal.utf8CodeUnitCount).equalsIgnoringCase(literal)
    }

    /// The part of `range` without SP and HTAB at its two ends.
    @inline(never)
    public func trimmingBlanks(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, self[start].isBlank { start &+= 1 }
        while start < end, self[end &- 1].isBlank { end &-= 1 }
        return start..<end
    }

    /// The first place of `byte`; nil if there is none.
    @inline(never)
    public func firstIndex(of byte: UInt8) -> Int? {
        for index in indices where self[index] == byte { return index }
        return nil
    }

    /// The first place of `byte` in `range`, or the range's end.
    @inline(never)
    public func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int {
        var index = range.lowerBound
        while index < range.upperBound, self[index] != byte { index &+= 1 }
        return index
    }

    /// Whether there is a byte and every byte is in `set`.
    @inline(__always)
    public func consists(of set: ByteSet) -> Bool {
        for index in 0..<count where !set.contains(self[index]) { return false }
        return count > 0
    }

    /// Whether these are the bytes of `other`. For long ones: 16 bytes a step, 64 at a time.
    @inline(__always)
    public func isSame(as other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        // SAFETY: both spans hold `count` bytes.
        return unsafe withUnsafeBufferPointer { left in
            unsafe other.withUnsafeBufferPointer { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return true }
                return unsafe cbytes_same(left, right, other.count)
            }
        }
    }

    /// Compares with as many bytes of `other`.
    @inline(__always)
    private func compares(_ other: Span<UInt8>, ignoringCase: Bool) -> Bool {
        // SAFETY: both spans hold `count` bytes, and an empty one (whose address may be nil) is answered before.
        unsafe withUnsafeBufferPointer { left in
            unsafe other.withUnsafeBufferPointer { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return true }
                return unsafe cbytes_equal(left, right, other.count, ignoringCase)
            }
        }
    }
}
