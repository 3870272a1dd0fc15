// Sources/Logging/LogSource.swift — one thread's part of the log.

import Bytes
internal import CLinux
import Linux
import Options
import Primitives

/// A thread's ring of lines, and its ring of records for the journal. The thread's own, but for the rings' other ends.
///
/// Invariant: an object lives as long as the process, since the writer and a crash handler read its rings at any time.
final class LogSource {
    /// Lines as the file gets them.
    let ring: LogRing
    /// A ``LogRecord`` for each line that the journal gets.
    private let journal: LogRing?
    private let hasJournal: Bool
    /// Where the part is that a thread got after this one.
    let next = LogSourceLink()
    private var clock = LogClock()
    /// What the journal gets of the line that is being written beside its text; nil: it does not get the line.
    private var pending: (LogEvent, LogLevel, FileDescriptor?)?

    init(hasJournal: Bool) throws(Errno) {
        self.hasJournal = hasJournal
        ring = try LogRing(capacity: Config.logRingSize)
        if hasJournal { journal = try LogRing(capacity: Config.journalRingSize) } else { journal = nil }
        // The writer does not know of this thread yet, and may sleep: the first line has to wake it.
        _ = ring.prepareToSleep()
    }

    /// The calling thread's, if it has logged before.
    @inline(__always)
    static var current: ImmortalReference<LogSource>? {
        get {
            guard let address = unsafe linux_this_thread().pointee.log else { return nil }
            // SAFETY: the word is set here only.
            return unsafe ImmortalReference(address: address)
        }
        set { unsafe linux_this_thread().pointee.log = newValue?.address }
    }

    func begin(_ event: LogEvent, _ level: LogLevel, _ descriptor: FileDescriptor?) -> ByteWriter? {
        pending = nil
        if level <= .warning || event.messageID != 0 { keepForJournal(event, level, descriptor) }
        return ring.begin()
    }

    /// Ends the line. Returns whether the writer has to be woken.
    ///
    /// - Parameter clockOffset: how far the machine's clock is ahead of the monotonic one, in ms.
    func end(_ line: inout ByteWriter, clockOffset: UInt64) -> Bool {
        if let pending { addToJournal(line.bytes, pending) }
        clock.append(to: &line, offset: clockOffset)
        return ring.commit(line) == .writtenWake
    }

    // MARK: The journal

    @inline(never)
    private func keepForJournal(_ event: LogEvent, _ level: LogLevel, _ descriptor: FileDescriptor?) {
        if hasJournal { pending = (event, level, descriptor) }
    }

    @inline(never)
    private func addToJournal(_ text: borrowing Span<UInt8>, _ pending: (LogEvent, LogLevel, FileDescriptor?)) {
        withJournal { ring in
            _ = ring.write { record in LogRecord.write(pending.0, pending.1, pending.2, text, to: &record) }
        }
    }

    /// Calls `body` with the ring of records, if there is one.
    func withJournal(_ body: (borrowing LogRing) -> Void) {
        switch journal {
        case .some(let ring): body(ring)
        case .none: break
        }
    }
}
