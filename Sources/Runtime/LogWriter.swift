// Sources/Runtime/LogWriter.swift — from the rings to the file: the control thread's part of the log.

import Bytes
import Linux
import Options
import Primitives
import Synchronization

/// Writes what the rings hold to the log's file, in batches. The control thread's own.
///
///              a line was written (eventfd)                        `flush` found nothing
///     ┌────────┐ ─────────────────▶ ┌─────────┐ ──────────────────────────▶ ┌────────┐
///     │ asleep │                    │ writing │ every `Config.logFlushTime`   │ asleep │ …
///     └────────┘                    └─────────┘ ◀──┘                          └────────┘
public struct LogWriter: ~Copyable {
    // SHARED: the panic handler reads it on any thread; relaxed, since a descriptor's number says all.
    private static let descriptor = Atomic<Int32>(-1)
    /// Where the lines go; nil: nowhere.
    public let file: FileDescriptor?

    /// Writes to `file`; nil throws the lines away.
    ///
    /// The file is kept open for the process's life: a panic may come at any time.
    public init(_ file: FileDescriptor?) {
        self.file = file
        if let file { Self.descriptor.store(file.rawValue, ordering: .relaxed) }
        LogClock.synchronize()
    }

    /// The descriptor to poll: it is readable when ``flush()`` has something to do.
    public var wakeUp: FileDescriptor? { Log.wakeUpDescriptor }

    /// Writes everything that is there.
    ///
    /// - Returns: the time in ms after which to call again even if ``wakeUp`` does not become readable; nil for ever.
    public mutating func flush() -> Int? {
        Log.clearWakeUp()
        LogClock.synchronize()
        var isQuiet = true
        Log.forEachRing { ring in
            if drain(ring) { isQuiet = false }
        }
        guard isQuiet else { return Config.logFlushTime }
        // Each ring is told that nobody will look unasked. One that has got a line meanwhile says no.
        var allAsleep = true
        Log.forEachRing { ring in
            if !ring.prepareToSleep() { allAsleep = false }
        }
        return allAsleep ? nil : Config.logFlushTime
    }

    /// Writes one ring's lines. Returns whether there were any.
    func drain(_ ring: borrowing LogRing) -> Bool {
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

    func reportDropped(_ count: Int) {
        Log.write(.log, level: .warning) { line in
            line.append(" dropped=", count)
        }
    }

    func write(_ bytes: borrowing Span<UInt8>) {
        guard bytes.count > 0, let file else { return }
        do throws(Errno) {
            try file.writeAll(bytes)
        } catch {
            // A full disk: these lines are lost, the next ones may fit. The service goes on.
        }
    }

    // MARK: The journal

    /// Takes the lines for the journal out of their rings: `body` gets the level and `[TAG] key=value …`, without time
    /// and line feed.
    public func forEachJournalLine(_ body: (LogLevel, borrowing Span<UInt8>) -> Void) {
        Log.forEachJournalRing { ring in
            let count = ring.withReadable { first, second in
                var room: [1024 of UInt8] = .init(repeating: 0)
                _ = room.write { line in
                    // A line may go round the ring's end.
                    Self.split(first, &line, body)
                    Self.split(second, &line, body)
                }
                return first.count + second.count
            }
            ring.consume(count)
        }
    }

    private static func split(
        _ bytes: borrowing Span<UInt8>, _ line: inout ByteWriter, _ body: (LogLevel, borrowing Span<UInt8>) -> Void
    ) {
        for index in bytes.indices {
            guard bytes[index] == .lineFeed else {
                line.append(bytes[index])
                continue
            }
            if line.count > 1, let level = LogLevel(rawValue: line.bytes[0] &- UInt8(ascii: "0")) {
                body(level, line.bytes.extracting(droppingFirst: 1))
            }
            line.removeAll()
        }
    }

    // MARK: The end

    /// Writes what all rings hold, then `line`, from a signal handler on any thread: system calls and loads only.
    static func writeInPanic(_ line: borrowing Span<UInt8>) {
        let number = descriptor.load(ordering: .relaxed)
        let output = FileDescriptor(rawValue: number)
        if number >= 0 {
            Log.forEachRing { ring in
                ring.withReadable { first, second in
                    writeUnchecked(first, to: output)
                    writeUnchecked(second, to: output)
                }
            }
            writeUnchecked(line, to: output)
        }
        if number != FileDescriptor.standardError.rawValue { writeUnchecked(line, to: .standardError) }
    }

    private static func writeUnchecked(_ bytes: borrowing Span<UInt8>, to output: FileDescriptor) {
        do throws(Errno) {
            try output.writeAll(bytes)
        } catch {
            // Nobody is left to tell.
        }
    }
}
