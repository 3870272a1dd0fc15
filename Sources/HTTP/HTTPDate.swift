// Sources/HTTP/HTTPDate.swift — the time of day as HTTP writes it.

import Bytes

/// A date in the fixed format of RFC 9110 §5.6.7, such as "Sun, 06 Nov 1994 08:49:37 GMT".
///
/// Keep one for each worker and ``update(_:)`` it with each turn's clock; it formats only when the second changes.
package struct HTTPDate: Sendable {
    /// Length of every date, in bytes.
    package static var length: Int { 29 }

    /// The second that is shown, in seconds since 1970-01-01 00:00:00 UTC.
    package private(set) var second: Int64
    private var text: [29 of UInt8]

    /// The date at `second`, in seconds since 1970, 0..<253402300800 (the year 10000); others are moved to the bounds.
    package init(_ second: Int64 = 0) {
        self.second = .min
        text = .init(repeating: UInt8(ascii: " "))
        update(second)
    }

    /// The 29 bytes.
    package var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get { text.span }
    }

    /// Sets the date to `newSecond`. Cost: a comparison if it is the same second, else about 30 ns.
    @inline(__always)
    package mutating func update(_ newSecond: Int64) {
        if newSecond != second { format(newSecond) }
    }

    private mutating func format(_ newSecond: Int64) {
        second = newSecond
        let date = CivilDate(unixSeconds: Int(min(max(newSecond, 0), 253_402_300_799)))
        put(name: date.weekday, in: "SunMonTueWedThuFriSat", at: 0)
        text[3] = UInt8(ascii: ",")
        put(date.day, at: 5)
        put(name: date.month - 1, in: "JanFebMarAprMayJunJulAugSepOctNovDec", at: 8)
        put(date.year / 100, at: 12)
        put(date.year % 100, at: 14)
        put(date.hour, at: 17)
        text[19] = UInt8(ascii: ":")
        put(date.minute, at: 20)
        text[22] = UInt8(ascii: ":")
        put(date.second, at: 23)
        text[26] = UInt8(ascii: "G")
        text[27] = UInt8(ascii: "M")
        text[28] = UInt8(ascii: "T")
    }

    /// Writes a number below 100 with two digits.
    private mutating func put(_ number: Int, at index: Int) {
        text[index] = UInt8(truncatingIfNeeded: number / 10) &+ 0x30
        text[index + 1] = UInt8(truncatingIfNeeded: number % 10) &+ 0x30
    }

    /// Writes the three letters of name number `index`.
    private mutating func put(name index: Int, in names: StaticString, at position: Int) {
        for offset in 0..<3 { text[position + offset] = names.bytes[index * 3 + offset] }
    }
}
