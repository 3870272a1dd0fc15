// Sources/Settings/Cold.swift — calls in place of inlined code: what runs once in a process's life should be small.

import Bytes

extension Span where Element == UInt8 {
    /// Whether the bytes are exactly those of `literal`.
    @inline(never)
    func spells(_ literal: StaticString) -> Bool {
        equals(literal)
    }
}

extension ByteWriter {
    /// Appends `text`.
    @inline(never)
    mutating func write(_ text: StaticString) {
        append(text)
    }

    /// Appends `number` in decimal.
    @inline(never)
    mutating func write(decimal number: Int) {
        append(decimal: UInt64(truncatingIfNeeded: number))
    }
}
