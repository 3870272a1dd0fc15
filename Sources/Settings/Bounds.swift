// Sources/Settings/Bounds.swift — the numbers that a key allows.

import Bytes

/// What a number counts, and the least and the greatest that is allowed.
struct Bounds: Sendable {
    let unit: Unit
    let least: Int
    let greatest: Int

    @inline(__always)
    init(_ unit: Unit, _ least: Int, _ greatest: Int) {
        self.unit = unit
        self.least = least
        self.greatest = greatest
    }

    /// The port of a socket.
    static var port: Bounds { Bounds(.count, 0, 65535) }

    /// The bounds, but not below and above those of `range`.
    func clamped(to range: (least: Int, greatest: Int)) -> Bounds {
        Bounds(unit, Swift.max(least, range.least), Swift.min(greatest, range.greatest))
    }

    /// The value that `text` stands for, in the bounds.
    @_optimize(size)
    @inline(never)
    func parse(_ text: borrowing Span<UInt8>) throws(ValueProblem) -> Int {
        guard let value = unit.parse(text) else { throw .malformed(self) }
        guard value >= least && value <= greatest else { throw .outOfRange(self) }
        return value
    }

    /// Appends `1ms to 24h`.
    @_optimize(size)
    func write(into writer: inout Text) {
        unit.write(least, into: &writer)
        writer.add(" to ")
        unit.write(greatest, into: &writer)
    }
}
