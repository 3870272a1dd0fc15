// Sources/Logging/RingSink.swift — the log of all threads, in a ring for each.

import Bytes
import Linux
import Options
import Primitives
import Synchronization

/// Keeps each thread's lines in a ring of its own, until a ``LogWriter`` takes them.
final class RingSink: LogSink {
    // SHARED: written by `start` before other threads exist, then only read.
    nonisolated(unsafe) private static var started: ImmortalReference<RingSink>?

    /// The sink that ``start(_:)`` made, if it has.
    static var current: RingSink? { unsafe started?.object }

    private static let sources = LogSources()
    private let hasJournal: Bool
    /// Wakes the control thread.
    let wakeUp: EventDescriptor
    /// The log's file, -1 if there is none. Relaxed: a crash handler reads it on any thread, and the number says all.
    private let file = Atomic<Int32>(-1)

    private init(_ wakeUp: consuming EventDescriptor, hasJournal: Bool) {
        self.wakeUp = wakeUp
        self.hasJournal = hasJournal
    }

    /// Makes the sink, and directs all lines to it.
    static func start(_ setup: LogSetup) throws(Errno) {
        let sink = RingSink(try EventDescriptor(), hasJournal: setup.hasJournal)
        // Made now, since a static is made at its first use, and that might be in a panic.
        _ = sources.count
        LogClock.synchronize()
        Log.prepare(sink, setup.level)
        unsafe started = ImmortalReference(sink)
    }

    // MARK: The thread that logs

    override func begin(_ event: LogEvent, _ level: LogLevel, _ descriptor: FileDescriptor?) -> ByteWriter? {
        source?.begin(event, level, descriptor)
    }

    override func end(_ line: inout ByteWriter) {
        if LogSource.current?.object.end(&line) ?? false { wakeUp.signal() }
    }

    override func take(_ body: (inout ByteWriter) -> Void) {
        let outcome = source?.ring.write { line in
            body(&line)
            line.append(.lineFeed)
        }
        if outcome == .writtenWake { wakeUp.signal() }
    }

    @inline(__always)
    private var source: LogSource? { LogSource.current?.object ?? attach() }

    /// Gives the calling thread its part of the log; nil: there is no memory, or no place.
    @inline(never)
    private func attach() -> LogSource? {
        do throws(Errno) {
            let object = try LogSource(hasJournal: hasJournal)
            makeImmortal(object)
            let source = ImmortalReference(object)
            guard Self.sources.add(source) else { return nil }
            LogSource.current = source
            return source.object
        } catch {
            return nil
        }
    }

    // MARK: The writer

    /// Calls `body` with each thread's part.
    func forEach(_ body: (LogSource) -> Void) { Self.sources.forEach(body) }

    /// Writes to `file` in a panic.
    func setFile(_ file: FileDescriptor) { self.file.store(file.rawValue, ordering: .relaxed) }

    override func writeInPanic(_ line: borrowing Span<UInt8>) -> FileDescriptor? {
        let number = file.load(ordering: .relaxed)
        guard number >= 0 else { return nil }
        let file = FileDescriptor(rawValue: number)
        Self.sources.forEach { source in
            source.ring.withReadable { first, second in
                file.writeInPanic(first)
                file.writeInPanic(second)
            }
        }
        file.writeInPanic(line)
        return file
    }
}
