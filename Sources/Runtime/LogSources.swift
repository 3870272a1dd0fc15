// Sources/Runtime/LogSources.swift — the rings of all threads that log.

import Bytes
import Options
import Primitives
import Synchronization

/// One thread's part of the log.
@unsafe struct LogSource: ~Copyable {
    let ring: LogRing
    /// Lines for the journal, each with its level as a digit before it.
    let journal: LogRing?
    var clock = LogClock()
    /// The level of the line that is being written, if the journal gets it.
    var journalLevel: LogLevel?

    init(ring: consuming LogRing, journal: consuming LogRing?) {
        unsafe self.ring = ring
        unsafe self.journal = journal
    }

    func addToJournal(_ line: borrowing Span<UInt8>, _ level: LogLevel) {
        unsafe withJournal { ring in
            _ = ring.write { copy in
                copy.append(level.rawValue + UInt8(ascii: "0"))
                copy.append(line)
                copy.append(.lineFeed)
            }
        }
    }

    func withJournal(_ body: (borrowing LogRing) -> Void) {
        switch unsafe journal {
        case .some(let ring): body(ring)
        case .none: break
        }
    }
}

/// All threads' rings: an array that only grows.
struct LogSources: ~Copyable, @unchecked Sendable {
    // SHARED: each word is stored once, releasing, and read acquiring.
    private let entries: [512 of AtomicWord] = .init { _ in AtomicWord() }
    private let used = Atomic<Int>(0)

    var count: Int { Swift.min(used.load(ordering: .acquiring), entries.count) }

    func add(_ source: UnsafeMutablePointer<LogSource>) -> Bool {
        let index = used.add(1, ordering: .acquiringAndReleasing).oldValue
        guard index < entries.count else { return false }
        entries[index].value.store(UInt(bitPattern: source), ordering: .releasing)
        return true
    }

    /// Nil while the thread that took the place has not filled it.
    subscript(index: Int) -> UnsafeMutablePointer<LogSource>? {
        unsafe UnsafeMutablePointer(bitPattern: entries[index].value.load(ordering: .acquiring))
    }
}

private struct AtomicWord: ~Copyable {
    let value = Atomic<UInt>(0)
}
