// Sources/Bytes/Span+Bytes.swift — the text of protocols: classes of bytes, places, comparing, scanning, numbers.

import CBytes

extension UInt8 {
    /// Carriage return.
    @inline(__always)
    package static var carriageReturn: UInt8 { 0x0D }
    /// Line feed.
    @inline(__always)
    package static var lineFeed: UInt8 { 0x0A }
    /// The space character.
    @inline(__always)
    package static var space: UInt8 { 0x20 }
    /// The horizontal tab.
    @inline(__always)
    package static var tab: UInt8 { 0x09 }

    /// Whether the byte is SP or HTAB, the optional white space of RFC 9110 §5.6.3.
    @inline(__always)
    package var isBlank: Bool { self == .space || self == .tab }

    /// Whether the byte may stand in no line of a message: 0x00...0x1F but HTAB, and 0x7F.
    @inline(__always)
    package var isControl: Bool { self < 0x20 && self != .tab || self == 0x7F }

    /// Whether the byte is one of '0'...'9'.
    @inline(__always)
    package var isDigit: Bool { self &- 0x30 < 10 }

    /// The value of a hexadecimal digit of either case, or nil.
    @inline(__always)
    package var hexadecimalValue: UInt8? {
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
    package func trimmingBlanks(_ range: Range<Int>) -> Range<Int> {
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
    package func consists(of set: ByteSet) -> Bool {
        for index in 0..<count where !set.contains(self[index]) { return false }
        return count > 0
    }

    /// Whether these are the bytes of `other`. For long ones: 16 bytes a step, 64 at a time.
    @inline(__always)
    package func isSame(as other: Span<UInt8>) -> Bool {
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
        // SAFETY: both spans hold `count` bytes, and an empty one (its address may be nil) was answered before.
        unsafe withUnsafeBufferPointer { left in
            unsafe other.withUnsafeBufferPointer { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return true }
                return unsafe cbytes_equal(left, right, other.count, ignoringCase)
            }
        }
    }
}

extension Span where Element == UInt8 {
    /// The eight bytes from `start` on, the first one lowest. Traps if there are fewer.
    @inline(__always)
    package func word(at start: Int) -> UInt64 {
        precondition(start >= 0 && start <= count &- 8)
        // SAFETY: eight bytes from `start` on are inside, checked above; any bytes are a `UInt64`.
        return unsafe withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: start, as: UInt64.self) }
    }

    /// The four bytes from `start` on, the first one lowest. Traps if there are fewer.
    @inline(__always)
    package func word32(at start: Int) -> UInt32 {
        precondition(start >= 0 && start <= count &- 4)
        // SAFETY: four bytes from `start` on are inside, checked above; any bytes are a `UInt32`.
        return unsafe withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: start, as: UInt32.self) }
    }

    /// The index, from `start` on, of the first control byte; `count` if there is none.
    ///
    /// Control bytes are 0x00...0x1F but HTAB, and 0x7F: those that no line of a message may hold.
    @inline(__always)
    package func endOfText(from start: Int) -> Int { unsafe first(from: start, cbytes_first_control) }

    /// The index, from `start` on, of the first byte that is not a letter, a digit or '-'; `count` if all are.
    @inline(__always)
    package func endOfName(from start: Int) -> Int { unsafe first(from: start, cbytes_first_after_name) }

    /// The index, from `start` on, of the first SP, '?', '#' or byte that is no visible ASCII; `count` if there is
    /// none.
    @inline(__always)
    package func endOfTargetPart(from start: Int) -> Int { unsafe first(from: start, cbytes_first_after_target) }

    @inline(__always)
    private func first(from start: Int, _ scan: (UnsafePointer<UInt8>, Int) -> Int) -> Int {
        precondition(start >= 0 && start <= count)
        // SAFETY: the function reads at most `count - start` bytes from `start` on.
        return unsafe withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return start }
            return unsafe start &+ scan(base + start, count &- start)
        }
    }
}

extension Span where Element == UInt8 {
    /// The number that all the bytes spell in decimal digits; nil if one is not a digit, if there is
    /// none, or if the number overflows.
    ///
    /// Accepts leading zeros, but neither signs nor blanks.
    public var decimal: UInt64? {
        guard count > 0 else { return nil }
        var value: UInt64 = 0
        for index in 0..<count {
            guard self[index].isDigit else { return nil }
            let (shifted, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = shifted.addingReportingOverflow(UInt64(self[index] & 15))
            guard !overflowed && !carried else { return nil }
            value = sum
        }
        return value
    }

    /// The number that all the bytes spell in hexadecimal digits of either case; nil as for ``decimal``.
    public var hexadecimal: UInt64? {
        guard count > 0 else { return nil }
        var value: UInt64 = 0
        for index in 0..<count {
            guard let digit = self[index].hexadecimalValue, value >> 60 == 0 else { return nil }
            value = value << 4 | UInt64(digit)
        }
        return value
    }
}

/// A set of ASCII bytes. A look-up is a shift and a mask; bytes from 0x80 on are in no set.
///
/// The sets are literals, not built at run time, so that they need no lazy initialisation. The unit tests build them
/// again from the grammar's own character lists and compare.
package struct ByteSet: Sendable {
    /// Bit n: byte n is a member.
    private let low: UInt64
    /// Bit n: byte 64 + n is a member.
    private let high: UInt64

    /// The set with these two halves.
    @inline(__always)
    package init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// `tchar`: what field names, methods and list tokens are made of (RFC 9110 §5.6.2).
    @inline(__always)
    package static var token: ByteSet { ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE) }

    /// `reg-name` without percent signs: unreserved and sub-delims (RFC 3986 §3.2.2), but for the comma: it is what a
    /// proxy leaves that joins two Host fields.
    @inline(__always)
    package static var registeredName: ByteSet { ByteSet(low: 0x2BFF_6FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }

    /// What may stand between the brackets of an IP literal: ``registeredName``, ',' and ':' (RFC 3986 §3.2.2).
    @inline(__always)
    package static var addressLiteral: ByteSet { ByteSet(low: 0x2FFF_7FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }

    /// Whether `byte` is a member.
    @inline(__always)
    package func contains(_ byte: UInt8) -> Bool {
        let half = byte < 64 ? low : high
        return byte < 128 && (half >> UInt64(byte & 63)) & 1 != 0
    }
}

/// A half-open range of byte offsets into a message, 8 bytes big and free of any lifetime.
///
/// All zero bits mean ``absent``. A present range may be empty, but not at offset 0.
package struct ByteRange: Equatable, Sendable {
    /// Offset of the first byte.
    private let first: UInt32
    /// Offset after the last byte; 0 if absent.
    private let stop: UInt32

    /// The range of something that is not there.
    @inline(__always)
    package static var absent: ByteRange { ByteRange(0, 0) }

    /// The bytes `start..<end`, which must lie below 4 GiB.
    @inline(__always)
    package init(_ start: Int, _ end: Int) {
        first = UInt32(truncatingIfNeeded: start)
        stop = UInt32(truncatingIfNeeded: end)
    }

    /// Offset of the first byte.
    @inline(__always)
    package var start: Int { Int(first) }

    /// Offset after the last byte.
    @inline(__always)
    package var end: Int { Int(stop) }

    /// Number of bytes.
    @inline(__always)
    package var count: Int { end - start }

    /// Whether there is such a piece, be it empty.
    @inline(__always)
    package var isPresent: Bool { stop != 0 }

    /// Whether the piece is absent or has no bytes.
    @inline(__always)
    package var isEmpty: Bool { first == stop }
}

extension Span where Element == UInt8 {
    /// The bytes of `range`, none for an absent one. Traps if the range reaches past the end.
    @inline(__always)
    package subscript(range: ByteRange) -> Span<UInt8> {
        @_lifetime(copy self)
        get { extracting(range.start..<range.end) }
    }
}
