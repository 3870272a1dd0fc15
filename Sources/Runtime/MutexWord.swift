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
///
/// Invariant: the word does not move, and outlives its last `unlock` but for the address, which is a name then.
@unsafe struct MutexWord: ~Copyable {
    private let word = Atomic<UInt32>(State.free)

    private enum State {
        static var free: UInt32 { 0 }
        static var locked: UInt32 { 1 }
        static var contended: UInt32 { 2 }
    }

    init() {}

    /// Takes the lock if it is free.
    @inline(__always)
    static func tryLock(_ mutex: UnsafeMutablePointer<MutexWord>) -> Bool {
        unsafe mutex.pointee.word.compareExchange(
            expected: State.free, desired: State.locked, successOrdering: .acquiring, failureOrdering: .relaxed
        ).exchanged
    }

    /// Takes the lock, and sleeps until it is free.
    @inline(__always)
    static func lock(_ mutex: UnsafeMutablePointer<MutexWord>) {
        if unsafe !tryLock(mutex) { unsafe lockSlowly(mutex) }
    }

    @inline(never)
    private static func lockSlowly(_ mutex: UnsafeMutablePointer<MutexWord>) {
        for _ in 0..<Config.mutexSpins {
            RawThread.relax()
            if unsafe mutex.pointee.word.load(ordering: .relaxed) == State.free, unsafe tryLock(mutex) { return }
        }
        while unsafe mutex.pointee.word.exchange(State.contended, ordering: .acquiring) != State.free {
            // SAFETY: this thread holds on to the mutex's memory as it is about to lock it.
            unsafe Futex.wait(on: mutex, while: State.contended)
        }
    }

    /// Gives the lock back, and wakes one thread that waits for it.
    @inline(__always)
    static func unlock(_ mutex: UnsafeMutablePointer<MutexWord>) {
        if unsafe mutex.pointee.word.exchange(State.free, ordering: .releasing) == State.contended {
            unsafe Futex.wakeOne(on: mutex)
        }
    }
}
