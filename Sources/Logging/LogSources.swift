// Sources/Logging/LogSources.swift — the threads that log.

import Primitives
import Synchronization

/// All threads' parts of the log: an array that only grows.
struct LogSources: ~Copyable, @unchecked Sendable {
    // SHARED: each word is stored once, releasing, and read acquiring: what its object holds was written before.
    private let entries: [512 of AtomicWord] = .init { _ in AtomicWord() }
    private let used = Atomic<Int>(0)

    /// How many threads have a place.
    var count: Int { Swift.min(used.load(ordering: .acquiring), entries.count) }

    /// Adds a thread's part. Returns false if there is no place left.
    func add(_ source: ImmortalReference<LogSource>) -> Bool {
        let index = used.add(1, ordering: .acquiringAndReleasing).oldValue
        guard index < entries.count else { return false }
        entries[index].value.store(unsafe UInt(bitPattern: source.address), ordering: .releasing)
        return true
    }

    /// Calls `body` with each thread's part, but for a thread that has taken its place and not filled it yet.
    func forEach(_ body: (LogSource) -> Void) {
        for index in 0..<count {
            let word = entries[index].value.load(ordering: .acquiring)
            // SAFETY: a word that is not 0 was stored by `add`.
            if let address = unsafe UnsafeMutableRawPointer(bitPattern: word) {
                body(unsafe ImmortalReference<LogSource>(address: address).object)
            }
        }
    }
}

private struct AtomicWord: ~Copyable {
    let value = Atomic<UInt>(0)
}
