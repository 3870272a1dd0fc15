// Sources/Runtime/MutexWord.swift — the lock of `Mutex`, without what it protects.

import Bytes
import Linux
import Synchronization

/// A lock of one word.
///
/// Algorithm: U. Drepper, *Futexes Are Tricky*, 2011, mutex 3, with a short spin before the first sleep.
///
///                lock                      lock by another thread
///     ┌──────┐ ───────▶ ┌────────┐ ───────────────────────────────▶ ┌───────────┐
///     │ free │          │ locked │                                  │ contended │ ◀─┐ woken: locks again, as
///     └──────┘ ◀─────── └────────┘                                  └───────────┘ ──┘ `contended`: others may sleep
///        ▲      unlock                                                    │
///        └────────────────────────────────────────────────────────────────┘ unlock, and wakes one
///
/// - Memory order: taking the lock *acquires*, giving it back *releases*, each by the one operation that changes the
///   word. The kernel compares the word again before it puts a thread to sleep, so no wake-up is lost:
///   `Tests/models/mutex.pml` proves it.
/// - Progress: blocking; a thread that loses the processor inside holds the others up. Not fair.
struct MutexWord: ~Copyable {
    private let word = Atomic<UInt32>(State.free)

    private enum State {
        static var free: UInt32 { 0 }
        static var locked: UInt32 { 1 }
        static var contended: UInt32 { 2 }
    }

    /// Takes the lock if it is free.
    @inline(__always)
    func tryLock() -> Bool {
        word.compareExchange(
            expected: State.free, desired: State.locked, successOrdering: .acquiring, failureOrdering: .relaxed
        ).exchanged
    }

    /// Takes the lock, and sleeps until it is free.
    @inline(__always)
    func lock() {
        if !tryLock() { lockSlowly() }
    }

    @inline(never)
    private func lockSlowly() {
        for _ in 0..<Config.mutexSpins {
            RawThread.relax()
            if word.load(ordering: .relaxed) == State.free, tryLock() { return }
        }
        while word.exchange(State.contended, ordering: .acquiring) != State.free {
            Futex.wait(on: word, while: State.contended)
        }
    }

    /// Gives the lock back, and wakes one thread that waits for it.
    @inline(__always)
    func unlock() {
        if word.exchange(State.free, ordering: .releasing) == State.contended { Futex.wakeOne(on: word) }
    }
}
