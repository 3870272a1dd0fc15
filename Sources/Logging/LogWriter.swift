// Sources/Logging/LogWriter.swift — from the rings to the file: the control thread's part of the log.

import Bytes
import Linux
import Options
import Primitives

/// Writes what the rings hold to the log's file, in batches. The control thread's own.
///
///              a line was written (eventfd)                        `flush` found nothing
///     ┌────────┐ ─────────────────▶ ┌─────────┐ ──────────────────────────▶ ┌────────┐
///     │ asleep │                    │ writing │ every `Config.logFlushTime`   │ asleep │ …
///     └────────┘                    └─────────┘ ◀──┘                          └────────┘
public struct LogWriter: ~Copyable {
    /// Where the lines go; nil: nowhere.
    public let file: FileDescriptor?
    private let sink: RingSink?

    /// Writes to `file`; nil throws the lines away.
    ///
    /// The file is kept open for the process's life: a panic may come at any time.
    public init(_ file: FileDescriptor?) {
        self.file = file
        sink = Log.sink as? RingSink
        if let file { sink?.setFile(file) }
        Log.lacksWriter = false
        sink?.synchronizeClock()
    }

    /// The descriptor to poll: it is readable when ``flush()`` has something to do; nil: there is no log.
    public var wakeUp: FileDescriptor? { sink?.wakeUp.descriptor }

    /// Writes everything that is there.
    ///
    /// - Returns: the time in ms after which to call again even if ``wakeUp`` does not become readable; nil for ever.
    public mutating func flush() -> Int? {
        guard let sink else { return nil }
        sink.synchronizeClock()
        sink.wakeUp.clear()
        var isQuiet = true
        sink.forEach { source in
            if drain(source.ring) { isQuiet = false }
        }
        guard isQuiet else { return Config.logFlushTime }
        // Each ring hears that this thread looks only when it is woken. A ring that has got a line meanwhile says no.
        var allAsleep = true
        sink.forEach { source in
            if !source.ring.prepareToSleep() { allAsleep = false }
        }
        return allAsleep ? nil : Config.logFlushTime
    }

    /// Writes one ring's lines. Returns whether there were any.
    private func drain(_ ring: borrowing LogRing) -> Bool {
        let dropped = ring.takeDropped()
        let count = ring.withReadable { first, second in
            write(first)
            write(second)
            return first.count + second.count
        }
        ring.consume(count)
        if dropped > 0 { reportDropped(dropped) }
        return count > 0 || dropped > 0
    }

    private func reportDropped(_ count: Int) {
        Log.write(event: .log, level: .warning) { line in
            line.append(" dropped=", count)
        }
    }

    private func write(_ bytes: borrowing Span<UInt8>) {
        guard bytes.count > 0, let file else { return }
        do throws(Errno) {
            try file.writeAll(bytes)
        } catch {
            // A full disk: these lines are lost, the next ones may fit. The service goes on.
        }
    }

    // MARK: The journal

    /// Takes the lines for the journal out of their rings, and calls `body` with each.
    public func forEachRecord(_ body: (borrowing LogRecord) -> Void) {
        sink?.forEach { source in
            source.withJournal { ring in
                let count = ring.withReadable { first, second in
                    var room: [1024 of UInt8] = .init(repeating: 0)
                    _ = room.write { part in
                        LogRecord.forEach(in: first, &part, body)
                        LogRecord.forEach(in: second, &part, body)
                    }
                    return first.count + second.count
                }
                ring.consume(count)
            }
        }
    }
}
