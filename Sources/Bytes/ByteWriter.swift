// Sources/Bytes/ByteWriter.swift — appends bytes to memory of a fixed size.

/// A cursor that appends bytes to memory that it does not own.
///
/// A write that does not fit writes nothing and sets ``overflowed``; nothing is ever written past the end. Callers
/// check ``remaining`` before, or ``overflowed`` after, a group of appends. Cost: one bounds check and one copy an
/// append.
///
/// A format that is appended, such as Base64 or a frame, is an extension in the file of the format.
///
/// - Invariant: ``count`` is at most ``capacity``, and the first ``count`` bytes at ``base`` were written. The memory
///   stays valid for the writer's life: the caller of ``init(unsafeBase:capacity:)`` promises it.
@safe public struct ByteWriter: ~Copyable {
    /// First byte of the memory.
    @unsafe package let base: UnsafeMutablePointer<UInt8>
    /// Size of the memory, in bytes.
    public let capacity: Int
    /// Bytes written so far, `0...capacity`.
    public internal(set) var count = 0
    /// Whether an append did not fit since the last ``removeAll()``.
    public internal(set) var overflowed = false

    /// Writes into `capacity` bytes at `base`.
    ///
    /// - Safety: the memory stays valid, and no other code touches it, for the writer's life.
    @inline(__always)
    @unsafe package init(unsafeBase base: UnsafeMutablePointer<UInt8>, capacity: Int) {
        unsafe self.base = base
        self.capacity = capacity
    }

    /// Bytes that still fit.
    @inline(__always)
    public var remaining: Int { capacity - count }

    /// What was written.
    @inline(__always)
    public var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // SAFETY: `count <= capacity` bytes at `base` are initialised, and the span cannot outlive this borrow.
            let span = unsafe Span(_unsafeStart: UnsafePointer(base), count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Forgets what was written.
    @inline(__always)
    public mutating func removeAll() {
        count = 0
        overflowed = false
    }

    /// Forgets everything after the first `newCount` bytes, `0...count`.
    @inline(__always)
    public mutating func truncate(to newCount: Int) {
        precondition(newCount >= 0 && newCount <= count)
        count = newCount
    }

    // The appending functions are calls, not inlined: there are hundreds of uses, and each would be as long as this.

    /// Appends one byte.
    @inline(never)
    public mutating func append(_ byte: UInt8) {
        guard remaining >= 1 else {
            overflowed = true
            return
        }
        // SAFETY: `count < capacity`.
        unsafe base[count] = byte
        count += 1
    }

    /// Appends two bytes, or nothing. Inlined: WebSocket frames begin with two.
    @inline(__always)
    public mutating func append(_ first: UInt8, _ second: UInt8) {
        guard remaining >= 2 else {
            overflowed = true
            return
        }
        // SAFETY: two bytes fit at `base + count`.
        unsafe base[count] = first
        unsafe base[count &+ 1] = second
        count += 2
    }

    /// Appends all of `bytes`, or nothing.
    @inline(__always)
    public mutating func append(_ bytes: borrowing Span<UInt8>) {
        // SAFETY: the span's buffer is valid for the call.
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            unsafe append(start, buffer.count)
        }
    }

    /// Appends all of an ASCII or UTF-8 literal, or nothing.
    @inline(__always)
    public mutating func append(_ literal: StaticString) {
        unsafe append(literal.utf8Start, literal.utf8CodeUnitCount)
    }

    /// Appends ` name=` or the like, and a number.
    @inline(__always)
    public mutating func append(_ name: StaticString, _ number: Int) {
        append(name)
        append(decimal: number)
    }

    /// Appends ` name=` or the like, and bytes.
    @inline(__always)
    public mutating func append(_ name: StaticString, _ value: borrowing Span<UInt8>) {
        append(name)
        append(value)
    }

    /// Appends ` name=` or the like, and a literal.
    @inline(__always)
    public mutating func append(_ name: StaticString, _ value: StaticString) {
        append(name)
        append(value)
    }

    /// Writes `bytes` over the same number of bytes that were written from `start` on.
    ///
    /// Traps if they do not lie within ``count``.
    @inline(__always)
    package mutating func replace(at start: Int, with bytes: borrowing Span<UInt8>) {
        precondition(start >= 0 && bytes.count <= count && start <= count - bytes.count)
        // SAFETY: the target lies within the written bytes, checked above.
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let source = buffer.baseAddress else { return }
            unsafe UnsafeMutableRawPointer(base + start).copyMemory(from: source, byteCount: buffer.count)
        }
    }

    /// Appends `number` in decimal, 1–20 digits.
    @inline(never)
    public mutating func append(decimal number: UInt64) {
        var length = 1
        var bound: UInt64 = 10
        while length < 20, number >= bound {
            length += 1
            bound = bound &* 10
        }
        guard length <= remaining else {
            overflowed = true
            return
        }
        var rest = number
        var place = count + length
        // SAFETY: `length` bytes fit, checked above.
        while place > count {
            place -= 1
            unsafe base[place] = UInt8(truncatingIfNeeded: rest % 10) &+ 0x30
            rest /= 10
        }
        count += length
    }

    /// Appends `number` in decimal. A negative number gets a minus sign.
    @inline(__always)
    public mutating func append(decimal number: Int) {
        if number < 0 { append(UInt8(ascii: "-")) }
        append(decimal: UInt64(number.magnitude))
    }

    /// Appends `number` in hexadecimal, lower case, at least `digits` (1...16) digits.
    public mutating func append(hexadecimal number: UInt64, digits: Int = 1) {
        let needed = Swift.max(digits, (64 - number.leadingZeroBitCount + 3) / 4)
        var shift = needed * 4
        while shift > 0 {
            shift -= 4
            let nibble = UInt8(truncatingIfNeeded: (number >> UInt64(shift)) & 15)
            append(nibble < 10 ? nibble &+ 0x30 : nibble &+ 0x57)
        }
    }

    /// Appends `number` in decimal, with leading zeros to exactly `width` digits; `number < 10^width`.
    public mutating func append(padded number: Int, width: Int) {
        var divisor = 1
        for _ in 1..<width { divisor *= 10 }
        var rest = number
        for _ in 0..<width {
            append(UInt8(truncatingIfNeeded: rest / divisor % 10) &+ 0x30)
            rest %= divisor
            divisor /= 10
        }
    }

    @inline(never)
    private mutating func append(_ source: UnsafePointer<UInt8>, _ length: Int) {
        guard length <= remaining else {
            overflowed = true
            return
        }
        // SAFETY: `length` bytes are readable at `source`, and fit at `base + count`.
        unsafe UnsafeMutableRawPointer(base + count).copyMemory(from: source, byteCount: length)
        count += length
    }
}

extension ByteWriter {
    /// Appends `bytes` so that they stay one word of one line: what is not visible ASCII, and the backslash, becomes
    /// `\xHH`. At most four bytes for each.
    ///
    /// - Parameter keepingSpaces: whether a space is written as it is.
    @inline(never)
    public mutating func append(escaping bytes: borrowing Span<UInt8>, keepingSpaces: Bool = false) {
        for index in bytes.indices {
            let byte = bytes[index]
            let isVisible = byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "\\")
            if isVisible || (keepingSpaces && byte == 0x20) {
                append(byte)
            } else {
                append("\\x")
                append(hexadecimal: UInt64(byte), digits: 2)
            }
        }
    }
}

extension InlineArray where Element == UInt8 {
    /// Calls `body` with a writer that appends to this array, from its start. Returns how many bytes `body` appended.
    @inline(__always)
    package mutating func write(_ body: (inout ByteWriter) -> Void) -> Int {
        var bytes = mutableSpan
        return unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return 0 }
            // SAFETY: the buffer is this array's own, borrowed for the call.
            var writer = unsafe ByteWriter(unsafeBase: start, capacity: buffer.count)
            body(&writer)
            return writer.count
        }
    }
}

extension MutableSpan where Element == UInt8 {
    /// Writes `bytes` over as many of these, from the one at `start` on. Traps if they do not fit.
    @inline(__always)
    package mutating func replace(at start: Int, with bytes: borrowing Span<UInt8>) {
        precondition(start >= 0 && bytes.count <= count && start <= count - bytes.count)
        unsafe withUnsafeMutableBufferPointer { target in
            unsafe bytes.withUnsafeBufferPointer { source in
                guard let first = target.baseAddress, let bytes = source.baseAddress else { return }
                // SAFETY: the bytes fit, checked above.
                unsafe UnsafeMutableRawPointer(first + start).copyMemory(from: bytes, byteCount: source.count)
            }
        }
    }
}
