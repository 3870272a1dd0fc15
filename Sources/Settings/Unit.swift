// Sources/Settings/Unit.swift — numbers as people write them: counts, times and sizes.

import Bytes

/// What a number counts.
enum Unit: Sendable {
    /// Things: `16`.
    case count
    /// Time, held in milliseconds: `500ms`, `30s`, `2min`, `1h`. A unit must be given.
    case time
    /// Memory, held in bytes: `4096`, `64K`, `16M`, `1G`, by powers of 1024.
    case size

    /// The number that `text` stands for, nil if it is not written so. Too large a number becomes `Int.max`.
    @_optimize(size)
    @inline(never)
    func parse(_ text: borrowing Span<UInt8>) -> Int? {
        var value = 0
        var digits = 0
        while digits < text.count, text[digits].isDigit {
            value = saturating(value, times: 10, plus: Int(text[digits] - UInt8(ascii: "0")))
            digits += 1
        }
        guard digits > 0 else { return nil }
        let suffix = text.extracting(droppingFirst: digits)
        for step in 0..<4 where suffix.spells(self[step].suffix) {
            return saturating(value, times: self[step].factor, plus: 0)
        }
        return nil
    }

    /// Appends `number` with the largest suffix whose factor divides it; no time is `0s`.
    @_optimize(size)
    @inline(never)
    func write(_ number: Int, into writer: inout Text) {
        var step = 3
        while step > 0 && number % self[step].factor != 0 { step -= 1 }
        if number == 0 { step = self == .time ? 1 : 0 }
        writer.add(decimal: number / self[step].factor)
        writer.add(self[step].suffix)
    }

    /// What is wrong with a number that ``parse(_:)`` does not understand.
    var mismatch: StaticString {
        switch self {
        case .count: "not a number"
        case .time: "not a time such as 500ms, 30s, 2min or 1h"
        case .size: "not a size such as 4096, 64K, 16M or 1G"
        }
    }

    /// The suffixes from the smallest factor, `step` 0, to the largest, 3. A count has only the empty one.
    private subscript(step: Int) -> (factor: Int, suffix: StaticString) {
        switch (self, step) {
        case (.count, _): (1, "")
        case (.time, 0): (1, "ms")
        case (.time, 1): (1000, "s")
        case (.time, 2): (60_000, "min")
        case (.time, _): (3_600_000, "h")
        case (.size, 0): (1, "")
        case (.size, 1): (1 << 10, "K")
        case (.size, 2): (1 << 20, "M")
        case (.size, _): (1 << 30, "G")
        }
    }
}

private func saturating(_ value: Int, times factor: Int, plus addend: Int) -> Int {
    let (product, overflowed) = value.multipliedReportingOverflow(by: factor)
    let (sum, overflowedAgain) = product.addingReportingOverflow(addend)
    return overflowed || overflowedAgain ? Int.max : sum
}
