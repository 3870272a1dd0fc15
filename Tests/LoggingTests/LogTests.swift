// Tests/LoggingTests/LogTests.swift — lines from Log.write to the file and to the journal.

import Bytes
import Foundation
import Linux
import Options
import Testing

@testable import Logging

extension LogTag {
    fileprivate static var test: LogTag { LogTag("[TEST]") }
}

extension LogEvent {
    fileprivate static var happened: LogEvent { LogEvent(.test, messageID: 0xABCD) }
}

/// The process has one log, so this is one test after the other.
@Suite(.serialized) struct LogTests {
    /// Where the log's file lies.
    private static let path = NSTemporaryDirectory() + "LogTests-\(ProcessInfo.processInfo.processIdentifier).log"
    private static let file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)

    /// Writes out what there is. Returns the lines without their times, and what the journal gets: level, id,
    /// descriptor, tag and text.
    private func flush(_ writer: inout LogWriter) -> (lines: [String], records: [String]) {
        ftruncate(Self.file, 0)
        lseek(Self.file, 0, SEEK_SET)
        _ = writer.flush()
        var records: [String] = []
        writer.forEachRecord { record in
            let (tag, text) = (record.tag, record.text)
            records.append(
                "\(record.level.rawValue) \(record.messageID) \(record.descriptor?.rawValue ?? -1) "
                    + String(decoding: tag.indices.map { tag[$0] }, as: UTF8.self) + "|"
                    + String(decoding: text.indices.map { text[$0] }, as: UTF8.self))
        }
        let text = (try? String(contentsOfFile: Self.path, encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n").map { line in
            line.contains(" time=") ? String(line[..<line.range(of: " time=")!.lowerBound]) : String(line)
        }
        return (lines, records)
    }

    @Test func withoutALogNothingIsFormatted() {
        Log.write(.test) { _ in Issue.record("formatted") }
        Log.write(event: .happened, level: .error) { _ in Issue.record("formatted") }
        Log.writeBare { _ in Issue.record("formatted") }
        Log.setLevel(.debug)
        #expect(!Log.isEnabled(.error), "a level does not start a log")
    }

    @Test func linesGoToTheFileAndWhatMattersToTheJournalToo() throws {
        try Log.prepare(.on(level: .info, hasJournal: true))
        var writer = LogWriter(FileDescriptor(rawValue: Self.file))
        #expect(writer.wakeUp != nil)

        Log.write(.test) { $0.append(" a=1") }
        Log.write(.test, level: .debug) { _ in Issue.record("formatted") }
        Log.writeBare { $0.append("as it is") }
        var (lines, records) = flush(&writer)
        #expect(lines == ["[TEST] a=1", "as it is"])
        #expect(records == [], "lines of no kind do not go to the journal")

        Log.write(.test, level: .warning) { $0.append(" b=2 fd=8") }
        Log.write(event: .happened) { $0.append(" c=3") }
        Log.write(event: .happened, level: .error, descriptor: FileDescriptor(rawValue: 8)) { $0.append(" d=4 fd=8") }
        Log.write(.test) { $0.append(" e=5") }
        (lines, records) = flush(&writer)
        #expect(lines == ["[TEST] b=2 fd=8", "[TEST] c=3", "[TEST] d=4 fd=8", "[TEST] e=5"])
        #expect(
            records == [
                "1 0 -1 TEST|[TEST] b=2 fd=8", "2 43981 -1 TEST|[TEST] c=3", "0 43981 8 TEST|[TEST] d=4 fd=8",
            ])

        Log.setLevel(.error)
        Log.write(event: .happened, level: .warning) { _ in Issue.record("formatted") }
        Log.setLevel(.debug)
        Log.write(.test, level: .debug) { $0.append(" f=6") }
        (lines, records) = flush(&writer)
        #expect(lines == ["[TEST] f=6"] && records == [])

        Log.write(.test) { line in
            for _ in 0..<Config.maxLogLine { line.append(UInt8(ascii: "x")) }
        }
        // The writer reports it with a line of its own, which the file gets at the next flush.
        records = flush(&writer).records
        lines = flush(&writer).lines
        #expect(lines == ["[LOG] dropped=1"], "a line that is too long is dropped and counted")
        #expect(records.count == 1 && records.first?.hasSuffix("LOG|[LOG] dropped=1") == true)
        unlink(Self.path)
    }
}
