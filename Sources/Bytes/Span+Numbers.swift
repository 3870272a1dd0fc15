// Sources/Bytes/Span+Numbers.swift — reading numbers, strictly.

extension Span where Element == UInt8 {
    /// The number that all the bytes spell in decimal digits; nil if one is no digit, there is none, or it overflows.
    ///
    /// Neither signs nor blanks are taken. Leading zeros are.
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
