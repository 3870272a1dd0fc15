// Sources/HTTP/HTTPDate.swift — the time of day as HTTP writes it.

import Utilities

/// A date in the fixed format of RFC 9110 §5.6.7, such as "Sun, 06 Nov 1994 08:49:37 GMT".
///
/// Keep one a worker and ``update(_:)`` it with each turn's clock: it is formatted anew only when the second changes.
public struct HTTPDate: Sendable {
    /// Length of every date, in bytes.
    public static var length: Int { 29 }

    /// The second that is shown, in seconds since 1970-01-01 00:00:00 UTC.
    public private(set) var second: Int64
    private var text: [29 of UInt8]

    /// The date at `second`, in seconds since 1970, 0..<253402300800 (the year 10000); others are moved to the bounds.
    public init(_ second: Int64 = 0) {
        self.second = .min
        text = .init(repeating: UInt8(ascii: " "))
        update(second)
    }

    /// The 29 bytes.
    public var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get { text.span }
    }

    /// Shows `newSecond`. Cost: a comparison if it is shown already, else about 30 ns.
    @inline(__always)
    public mutating func update(_ newSecond: Int64) {
        if newSecond != second { format(newSecond) }
    }

    private mutating func format(_ newSecond: Int64) {
        second = newSecond
        let time = Int(min(max(newSecond, 0), 253_402_300_799))
        let days = time / 86400
        let (year, month, day) = Self.civil(days)
        // 1970-01-01 was a Thursday.
        put(name: days + 4, of: 7, in: "SunMonTueWedThuFriSat", at: 0)
        text[3] = UInt8(ascii: ",")
        put(day, at: 5)
        put(name: month - 1, of: 12, in: "JanFebMarAprMayJunJulAugSepOctNovDec", at: 8)
        put(year / 100, at: 12)
        put(year % 100, at: 14)
        put(time / 3600 % 24, at: 17)
        text[19] = UInt8(ascii: ":")
        put(time / 60 % 60, at: 20)
        text[22] = UInt8(ascii: ":")
        put(time % 60, at: 23)
        text[26] = UInt8(ascii: "G")
        text[27] = UInt8(ascii: "M")
        text[28] = UInt8(ascii: "T")
    }

    /// Year, month (1...12) and day (1...31) of a day counted from 1970-01-01, in the Gregorian calendar.
    ///
    /// Counts in years that begin on 1 March, so that the leap day is a year's last; 400 years have 146097 days.
    private static func civil(_ daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
        let days = daysSince1970 + 719_468  // since 0000-03-01
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    /// Writes a number below 100 with two digits.
    private mutating func put(_ number: Int, at index: Int) {
        text[index] = UInt8(truncatingIfNeeded: number / 10) &+ 0x30
        text[index + 1] = UInt8(truncatingIfNeeded: number % 10) &+ 0x30
    }

    /// Writes the three letters of name number `index`, counted around, of `count` names.
    private mutating func put(name index: Int, of count: Int, in names: StaticString, at position: Int) {
        let start = index % count * 3
        for offset in 0..<3 { text[position + offset] = names.bytes[start + offset] }
    }
}
