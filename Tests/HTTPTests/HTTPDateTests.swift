// Tests/HTTPTests/HTTPDateTests.swift — dates.

import Foundation
import HTTP
import Testing

@Suite struct HTTPDateTests {
    @Test func theExampleOfTheRFCIsFormatted() {
        #expect(String(HTTPDate(784_111_777).bytes) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }

    @Test func datesAgreeWithTheSystemLibrary() {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        var date = HTTPDate()
        var second: Int64 = 0
        // 11 days and some: meets every month and many leap days until the year 2400.
        while second < 13_600_000_000 {
            date.update(second)
            #expect(String(date.bytes) == formatter.string(from: Date(timeIntervalSince1970: Double(second))))
            second += 977_777
        }
        for second: Int64 in [0, 86399, 951_782_399, 951_782_400, 951_868_800, 4_107_542_399, 4_107_542_400] {
            date.update(second)
            #expect(String(date.bytes) == formatter.string(from: Date(timeIntervalSince1970: Double(second))))
        }
    }

    @Test func datesBeyondTheFormatAreMovedToItsBounds() {
        #expect(String(HTTPDate(-1).bytes) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(String(HTTPDate(.max).bytes) == "Fri, 31 Dec 9999 23:59:59 GMT")
    }

    @Test func anUpdateToTheSameSecondChangesNothing() {
        var date = HTTPDate(5)
        date.update(5)
        #expect(date.second == 5)
        #expect(String(date.bytes) == "Thu, 01 Jan 1970 00:00:05 GMT")
    }
}
