// Tests/SettingsTests/UnitTests.swift — counts, times and sizes as people write them.

import Testing

@testable import Settings

@Suite struct UnitTests {
    @Test(arguments: [
        (Unit.count, "0", 0), (.count, "007", 7), (.count, "9223372036854775807", Int.max),
        (.count, "9223372036854775808", Int.max), (.count, "99999999999999999999999999", Int.max),
        (.time, "0ms", 0), (.time, "500ms", 500), (.time, "30s", 30_000), (.time, "2min", 120_000),
        (.time, "1h", 3_600_000),
        (.time, "9223372036854775807h", Int.max),
        (.size, "0", 0), (.size, "4096", 4096), (.size, "64K", 65_536), (.size, "16M", 16 << 20),
        (.size, "1G", 1 << 30),
        (.size, "9999999999G", Int.max),
    ])
    func aNumberIsRead(unit: Unit, text: String, value: Int) {
        #expect(unit.parse(Array(text.utf8).span) == value)
    }

    @Test(arguments: [
        (Unit.count, ""), (.count, "x"), (.count, "1 "), (.count, " 1"), (.count, "+1"), (.count, "-1"), (.count, "1s"),
        (.count, "1K"), (.count, "1.5"), (.count, "0x10"),
        (.time, ""), (.time, "s"), (.time, "1"), (.time, "1m"), (.time, "1 s"), (.time, "1S"), (.time, "1.5s"),
        (.time, "1min5s"),
        (.size, ""), (.size, "K"), (.size, "1k"), (.size, "1KB"), (.size, "1T"), (.size, "1KK"), (.size, "-1K"),
    ])
    func anythingElseIsRefused(unit: Unit, text: String) {
        #expect(unit.parse(Array(text.utf8).span) == nil)
    }

    @Test(arguments: [
        (Unit.count, 1_048_576, "1048576"), (.count, 0, "0"), (.time, 0, "0s"), (.size, 0, "0"),
        (.time, 1, "1ms"), (.time, 1500, "1500ms"), (.time, 20_000, "20s"), (.time, 60_000, "1min"),
        (.time, 86_400_000, "24h"),
        (.size, 1, "1"), (.size, 1536, "1536"), (.size, 2048, "2K"), (.size, 1 << 20, "1M"), (.size, 1 << 40, "1024G"),
    ])
    func aNumberIsWrittenWithItsLargestUnit(unit: Unit, number: Int, text: String) {
        #expect(described { unit.write(number, into: &$0) } == text)
        #expect(unit.parse(Array(text.utf8).span) == number)
    }
}
