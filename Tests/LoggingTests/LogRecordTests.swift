// Tests/LoggingTests/LogRecordTests.swift — records through a ring: what goes in comes out, round the end too.

import Bytes
import Linux
import Options
import Primitives
import Testing

@testable import Logging

/// What a record says, copied out of it.
private struct Told: Equatable {
    var level: LogLevel
    var messageID: UInt128
    var descriptor: Int32?
    var tag: String
    var text: String
}

private func string(_ bytes: Span<UInt8>) -> String { String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) }

/// Takes all records out of `ring`.
private func take(_ ring: borrowing LogRing) -> [Told] {
    var found: [Told] = []
    let count = ring.withReadable { first, second in
        var room: [1024 of UInt8] = .init(repeating: 0)
        _ = room.write { part in
            for span in [0, 1] {
                LogRecord.forEach(in: span == 0 ? first : second, &part) { record in
                    found.append(
                        Told(
                            level: record.level, messageID: record.messageID, descriptor: record.descriptor?.rawValue,
                            tag: string(record.tag), text: string(record.text)))
                }
            }
        }
        return first.count + second.count
    }
    ring.consume(count)
    return found
}

private let someID: UInt128 = 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210

@Suite struct LogRecordTests {
    private func write(_ ring: borrowing LogRing, _ event: LogEvent, _ told: Told) -> LogRing.Outcome {
        let text = Array(told.text.utf8)
        return ring.write { record in
            LogRecord.write(
                event, told.level, told.descriptor.map { FileDescriptor(rawValue: $0) }, text.span, to: &record)
        }
    }

    @Test func everyFieldComesOutAsItWentIn() throws {
        let ring = try LogRing(capacity: 4096)
        for level in [LogLevel.error, .warning, .info, .debug] {
            for messageID in [0, 1, someID, .max] as [UInt128] {
                for descriptor in [nil, 0, 7, Int32.max] as [Int32?] {
                    let told = Told(
                        level: level, messageID: messageID, descriptor: descriptor, tag: "START", text: "[START] fd=9")
                    #expect(write(ring, LogEvent(LogTag("[START]"), messageID: messageID), told) != .dropped)
                    #expect(take(ring) == [told])
                }
            }
        }
    }

    /// The values of a text that looks like something else are not believed: fields come as fields.
    @Test func noTextIsTakenForAField() throws {
        let ring = try LogRing(capacity: 4096)
        let told = Told(
            level: .info, messageID: someID, descriptor: nil, tag: "CONFIG",
            text: "[CONFIG] [START] version=1 fd=3 peer=x\n[LOG] \u{0}")
        _ = write(ring, LogEvent(LogTag("[CONFIG]"), messageID: someID), told)
        #expect(take(ring) == [told])
    }

    @Test(arguments: [2, 3, 40, 500, 999, 1000]) func recordsGoRoundTheEndAtEveryOffset(length: Int) throws {
        let ring = try LogRing(capacity: 2048)
        let event = LogEvent(LogTag("[]"), messageID: someID)
        let told = Told(
            level: .warning, messageID: someID, descriptor: 5, tag: "",
            text: "[]" + String(repeating: "x", count: length - 2))
        for _ in 0..<2048 {
            #expect(write(ring, event, told) != .dropped)
            if take(ring) != [told] { Issue.record("length \(length)") }
            // One byte further each time.
            _ = ring.write { $0.append(0) }
            ring.consume(1)
        }
    }

    @Test func severalRecordsComeOutInTheirOrder() throws {
        let ring = try LogRing(capacity: 4096)
        let event = LogEvent(LogTag("[A]"))
        let numbers: Range<Int32> = 0..<20
        let all = numbers.map { Told(level: .info, messageID: 0, descriptor: $0, tag: "A", text: "[A] line \($0)") }
        for told in all { _ = write(ring, event, told) }
        #expect(take(ring) == all)
    }

    @Test func aTextThatDoesNotFitIsCut() throws {
        let ring = try LogRing(capacity: 2048)
        let text = "[A] " + String(repeating: "y", count: Config.maxLogLine)
        _ = write(
            ring, LogEvent(LogTag("[A]")), Told(level: .info, messageID: 0, descriptor: nil, tag: "A", text: text))
        let told = take(ring)
        #expect(told.count == 1)
        #expect(told.first?.text == String(text.prefix(Config.maxLogLine - LogRecord.headerSize)))
    }

    /// Bytes that nothing wrote are no record, whatever they are.
    @Test func nonsenseIsNoRecord() {
        for length in 0..<64 {
            for byte in [0, 1, 3, 4, 0x7F, 0xFF] as [UInt8] {
                let bytes = [UInt8](repeating: byte, count: length)
                if let record = LogRecord(bytes.span) { #expect(record.tag.count + 2 <= record.text.count) }
            }
        }
    }
}
