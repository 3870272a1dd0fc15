// Sources/Runtime/Log.swift — writing log lines, on any thread, without a system call.

import Bytes
internal import CLinux
import Linux
import Options
import Primitives
import Synchronization

/// The log: lines of `[TAG] key=value … time=2026-11-22T13:05:01.123Z`.
///
/// A line is formatted straight into the calling thread's own ring; the control thread writes the rings out in batches
/// (``LogWriter``). A full ring drops the line, counts it, and the log says so.
public enum Log {
    /// Relaxed: a line more or less at the moment of a change is no matter.
    private static let level = Atomic<UInt8>(LogLevel.info.rawValue)
    // SHARED: written by `prepare` before other threads exist, then only read.
    nonisolated(unsafe) private static var isOn = false
    nonisolated(unsafe) private static var hasJournal = false

    /// The rings of all threads that have logged. A ring is added once and never taken out.
    static let sources = LogSources()

    /// The control thread's eventfd.
    // SHARED: as `level`.
    nonisolated(unsafe) static var writerWakeUp: UnsafeMutablePointer<EventDescriptor>?

    /// Begins to log at `level`. Without this call nothing is logged.
    ///
    /// - Parameter hasJournal: whether the lines of warnings, errors and the process's life are kept for
    ///   ``LogWriter/forEachJournalLine(_:)`` too.
    static func prepare(level: LogLevel, hasJournal: Bool) throws(Errno) {
        setLevel(level)
        unsafe Self.hasJournal = hasJournal
        let wakeUp = UnsafeMutablePointer<EventDescriptor>.allocate(capacity: 1)
        unsafe wakeUp.initialize(to: try EventDescriptor())
        unsafe writerWakeUp = wakeUp
        LogClock.synchronize()
        // Made now, not when it is first used: that might be in a panic.
        _ = sources.count
        unsafe isOn = true
    }

    /// From now on, lines up to `level` are written. Any thread.
    public static func setLevel(_ level: LogLevel) { Self.level.store(level.rawValue, ordering: .relaxed) }

    /// Whether lines of this level are written.
    @inline(__always)
    public static func isEnabled(_ level: LogLevel) -> Bool {
        unsafe isOn && level.rawValue <= Self.level.load(ordering: .relaxed)
    }

    /// Writes one line. `body` appends what follows the tag, each pair with a space before it.
    ///
    /// Bytes that come from a peer go through ``ByteWriter/append(escaping:keepingSpaces:)``, or they could forge a
    /// line. Cost: tens of nanoseconds; a system call only if the control thread sleeps.
    @inline(__always)
    public static func write(_ tag: LogTag, level: LogLevel = .info, _ body: (inout ByteWriter) -> Void) {
        guard var line = begin(tag, level) else { return }
        body(&line)
        end(&line)
    }

    /// Writes one line as `body` makes it: without a tag and a time of ours.
    public static func writeBare(_ body: (inout ByteWriter) -> Void) {
        guard isEnabled(.info), let source = unsafe currentSource() else { return }
        let outcome = unsafe source.pointee.ring.write { line in
            body(&line)
            line.append(.lineFeed)
        }
        if outcome == .writtenWake { unsafe writerWakeUp.unsafelyUnwrapped.pointee.signal() }
    }

    @inline(never)
    static func begin(_ tag: LogTag, _ level: LogLevel) -> ByteWriter? {
        guard isEnabled(level), let source = unsafe currentSource() else { return nil }
        guard var line = unsafe source.pointee.ring.begin() else { return nil }
        unsafe source.pointee.journalLevel = hasJournal && (level <= .warning || tag.isLifecycle) ? level : nil
        line.append(tag.text)
        return line
    }

    @inline(never)
    static func end(_ line: inout ByteWriter) {
        guard let source = unsafe currentSource() else { return }
        if let level = unsafe source.pointee.journalLevel { unsafe source.pointee.addToJournal(line.bytes, level) }
        unsafe source.pointee.clock.append(to: &line)
        guard unsafe source.pointee.ring.commit(line) == .writtenWake else { return }
        unsafe writerWakeUp.unsafelyUnwrapped.pointee.signal()
    }

    @inline(__always)
    static func currentSource() -> UnsafeMutablePointer<LogSource>? {
        let thread = unsafe linux_this_thread()
        if let source = unsafe thread.pointee.log {
            // SAFETY: set here only, and kept for the process's life.
            return unsafe source.assumingMemoryBound(to: LogSource.self)
        }
        return unsafe attach()
    }

    @inline(never)
    static func attach() -> UnsafeMutablePointer<LogSource>? {
        do throws(Errno) {
            let source = UnsafeMutablePointer<LogSource>.allocate(capacity: 1)
            let journal = unsafe hasJournal ? try LogRing(capacity: Config.journalRingSize) : nil
            unsafe source.initialize(to: LogSource(ring: try LogRing(capacity: Config.logRingSize), journal: journal))
            // The writer does not know of it yet, and may sleep: the first line has to wake it.
            _ = unsafe source.pointee.ring.prepareToSleep()
            guard unsafe sources.add(source) else { return nil }
            unsafe linux_this_thread().pointee.log = UnsafeMutableRawPointer(source)
            return unsafe source
        } catch {
            return nil
        }
    }

    // MARK: For the writer

    /// Calls `body` with the ring of each thread.
    static func forEachRing(_ body: (borrowing LogRing) -> Void) {
        for index in 0..<sources.count {
            if let source = unsafe sources[index] { body(unsafe source.pointee.ring) }
        }
    }

    /// Calls `body` with the ring of each thread that holds lines for the journal.
    static func forEachJournalRing(_ body: (borrowing LogRing) -> Void) {
        for index in 0..<sources.count {
            guard let source = unsafe sources[index] else { continue }
            unsafe source.pointee.withJournal(body)
        }
    }

    /// Readable when the writer has something to do.
    static var wakeUpDescriptor: FileDescriptor? { unsafe writerWakeUp?.pointee.descriptor }

    static func clearWakeUp() { unsafe writerWakeUp?.pointee.clear() }
}
