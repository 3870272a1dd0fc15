// Sources/Logging/RingSink.swift — the log of all threads, in a ring for each.

import Bytes
import Linux
import Options
import Primitives
import Synchronization

/// Keeps each thread's lines in a ring of its own, until a ``LogWriter`` takes them.
final class RingSink: LogSink {
    /// Where the first thread's part is; from there on each has the next.
    private let first = LogSourceLink()
    private let hasJournal: Bool
    /// Wakes the control thread.
    let wakeUp: EventDescriptor
    /// The log's file, -1 if there is none. Relaxed: a crash handler reads it on any thread, and the number says all.
    private let file = Atomic<Int32>(-1)
    /// How far the machine's clock is ahead of the monotonic one, in ms. Relaxed: a line may carry the offset of a
    /// moment ago. The control thread stores it with each batch, so a clock that was set shows after one.
    private let clockOffset = Atomic<UInt64>(0)

    private init(_ wakeUp: consuming EventDescriptor, hasJournal: Bool) {
        self.wakeUp = wakeUp
        self.hasJournal = hasJournal
    }

    /// Makes the sink, and directs all lines to it.
    static func start(_ setup: LogSetup) throws(Errno) {
        let sink = RingSink(try EventDescriptor(), hasJournal: setup.hasJournal)
        sink.synchronizeClock()
        Log.prepare(sink, setup.level)
    }

    // MARK: The thread that logs

    override func begin(_ event: LogEvent, _ level: LogLevel, _ descriptor: FileDescriptor?) -> ByteWriter? {
        source?.begin(event, level, descriptor)
    }

    override func end(_ line: inout ByteWriter) {
        let offset = clockOffset.load(ordering: .relaxed)
        if LogSource.current?.object.end(&line, clockOffset: offset) ?? false { wakeUp.signal() }
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

    /// Gives the calling thread its part of the log; nil: there is no memory.
    @inline(never)
    private func attach() -> LogSource? {
        do throws(Errno) {
            let object = try LogSource(hasJournal: hasJournal)
            makeImmortal(object)
            let source = ImmortalReference(object)
            add(source)
            LogSource.current = source
            return source.object
        } catch {
            return nil
        }
    }

    private func add(_ source: ImmortalReference<LogSource>) {
        var known = first.connect(to: source)
        while let last = known { known = last.next.connect(to: source) }
    }

    // MARK: The writer

    /// Calls `body` with each thread's part.
    func forEach(_ body: (LogSource) -> Void) {
        var next = first.source
        while let source = next {
            body(source)
            next = source.next.source
        }
    }

    /// Looks at the machine's clock.
    func synchronizeClock() {
        clockOffset.store(Clock.unixMilliseconds &- Clock.monotonicMilliseconds, ordering: .relaxed)
    }

    /// Writes to `file` in a panic.
    func setFile(_ file: FileDescriptor) { self.file.store(file.rawValue, ordering: .relaxed) }

    override func writeInPanic(_ line: borrowing Span<UInt8>) -> FileDescriptor? {
        let number = file.load(ordering: .relaxed)
        guard number >= 0 else { return nil }
        let file = FileDescriptor(rawValue: number)
        forEach { source in
            source.ring.withReadable { first, second in
                file.writeInPanic(first)
                file.writeInPanic(second)
            }
        }
        file.writeInPanic(line)
        return file
    }
}
