// Sources/Logging/LogSink.swift — where lines go: the boundary between writing a line and keeping it.

import Bytes
import Linux
import Options

/// What takes the lines of all threads. A program that does not name ``LogSetup/on(level:hasJournal:)`` has none, and
/// then links none.
class LogSink {
    /// Where this thread's next line goes; nil: there is no room.
    ///
    /// - Parameters:
    ///   - event: what the line tells.
    ///   - descriptor: the one that it names.
    func begin(_ event: LogEvent, _ level: LogLevel, _ descriptor: FileDescriptor?) -> ByteWriter? { nil }

    /// Ends the line that ``begin(_:_:)`` began: it can be read from here on.
    func end(_ line: inout ByteWriter) {}

    /// Takes a line as it is, without a tag and a time of the log's own.
    func take(_ body: (inout ByteWriter) -> Void) {}

    /// Writes all lines, then `line`, to the log's file, from a signal handler on any thread: system calls and loads
    /// only.
    ///
    /// - Returns: the file, if there is one.
    func writeInPanic(_ line: borrowing Span<UInt8>) -> FileDescriptor? { nil }
}

/// Whether a program has a log. The value carries what makes the log, so that only a program that names
/// ``on(level:hasJournal:)`` links it.
public struct LogSetup: Sendable {
    /// Starts the log; nil: there is none.
    let start: (@Sendable (LogSetup) throws(Errno) -> Void)?
    let level: LogLevel
    let hasJournal: Bool

    /// No log: nothing is formatted, nothing written.
    public static var off: LogSetup { LogSetup(start: nil, level: .error, hasJournal: false) }

    /// Lines up to `level` are kept for a ``LogWriter``.
    ///
    /// - Parameter hasJournal: whether warnings, errors and events are kept for ``LogWriter/forEachRecord(_:)`` too.
    public static func on(level: LogLevel = .info, hasJournal: Bool = false) -> LogSetup {
        LogSetup(
            start: { setup throws(Errno) in try RingSink.start(setup) }, level: level, hasJournal: hasJournal)
    }
}
