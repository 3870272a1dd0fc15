// Sources/Logging/Log.swift — writing log lines, on any thread, without a system call.

import Bytes
import Linux
import Options
import Primitives
import Synchronization

// For programs that name it.
@_exported import enum Options.LogLevel

/// The log: lines of `[TAG] key=value … time=2026-11-22T13:05:01.123Z`.
///
///     Log.write ─▶ the calling thread's ring ─▶ LogWriter, on the control thread ─▶ file
///                  (RingSink)                   └─ warnings, errors, events as LogRecord ─▶ journal
///
/// A line is formatted straight into the calling thread's own ring; the control thread writes the rings out in batches.
/// A full ring drops the line and counts it, and the log says so.
public enum Log {
    /// One more than the raw value of the last level that is written; 0: no log. Relaxed: a line more or less at the
    /// moment of a change is no matter.
    private static let limit = Atomic<UInt8>(0)
    // SHARED: written by `prepare` before other threads exist, then only read.
    nonisolated(unsafe) private static var prepared: ImmortalReference<LogSink>?

    /// Where lines go; nil: there is no log.
    @inline(__always)
    static var sink: LogSink? { unsafe prepared?.object }

    /// Starts the log that `setup` names. Call it once, before any other thread is started.
    package static func prepare(_ setup: LogSetup) throws(Errno) { try setup.start?(setup) }

    // SHARED: the main thread's alone, so relaxed.
    private static let needsWriter = Atomic<Bool>(false)

    /// Whether there is a log whose lines nothing takes yet.
    public internal(set) static var lacksWriter: Bool {
        get { needsWriter.load(ordering: .relaxed) }
        set { needsWriter.store(newValue, ordering: .relaxed) }
    }

    /// Passes lines up to `level` to `sink`, from now on.
    static func prepare(_ sink: LogSink, _ level: LogLevel) {
        makeImmortal(sink)
        lacksWriter = true
        unsafe prepared = ImmortalReference(sink)
        limit.store(level.rawValue + 1, ordering: .relaxed)
    }

    /// Writes lines up to `level` from now on, if there is a log. Any thread.
    package static func setLevel(_ level: LogLevel) {
        if limit.load(ordering: .relaxed) > 0 { limit.store(level.rawValue + 1, ordering: .relaxed) }
    }

    /// Whether lines of this level are written.
    @inline(__always)
    public static func isEnabled(_ level: LogLevel) -> Bool { level.rawValue < limit.load(ordering: .relaxed) }

    /// Writes one line. `body` appends what follows the tag, each pair with a space before it.
    ///
    /// Bytes that come from a peer go through ``ByteWriter/append(escaping:keepingSpaces:)``, or they could forge a
    /// line. Cost: tens of nanoseconds; a system call only if the control thread sleeps.
    @inline(__always)
    public static func write(_ tag: LogTag, level: LogLevel = .info, _ body: (inout ByteWriter) -> Void) {
        guard var line = begin(LogEvent(tag), level, nil) else { return }
        body(&line)
        end(&line)
    }

    /// Writes one line of a kind that the journal knows.
    ///
    /// - Parameter descriptor: the one that the line names; `body` writes it into the line all the same.
    @inline(__always)
    public static func write(
        event: LogEvent, level: LogLevel = .info, descriptor: FileDescriptor? = nil,
        _ body: (inout ByteWriter) -> Void
    ) {
        guard var line = begin(event, level, descriptor) else { return }
        body(&line)
        end(&line)
    }

    /// Writes one line as `body` makes it: without a tag and a time of the log's own.
    package static func writeBare(_ body: (inout ByteWriter) -> Void) {
        guard isEnabled(.info) else { return }
        sink?.take(body)
    }

    @inline(never)
    static func begin(_ event: LogEvent, _ level: LogLevel, _ descriptor: FileDescriptor?) -> ByteWriter? {
        guard isEnabled(level), var line = sink?.begin(event, level, descriptor) else { return nil }
        line.append(event.tag.text.bytes)
        return line
    }

    @inline(never)
    static func end(_ line: inout ByteWriter) { sink?.end(&line) }

    /// Writes everything that was logged, then `line`, to the log's file and to standard error, from a signal handler
    /// on any thread: system calls and loads only.
    package static func writeInPanic(_ line: borrowing Span<UInt8>) {
        let file = sink?.writeInPanic(line)
        if file?.rawValue != FileDescriptor.standardError.rawValue { FileDescriptor.standardError.writeInPanic(line) }
    }
}

extension FileDescriptor {
    /// Writes `bytes` as far as it can be done.
    func writeInPanic(_ bytes: borrowing Span<UInt8>) {
        do throws(Errno) {
            try writeAll(bytes)
        } catch {
            // The process ends; there is no other place to write to.
        }
    }
}
