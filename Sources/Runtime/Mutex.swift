// Sources/Runtime/Mutex.swift — a value that one thread at a time may touch.

/// A value and the lock that protects it, for critical sections of some dozen instructions.
///
/// Its interface is that of `Synchronization.Mutex`, which Embedded Swift 6.3 does not have: a program that imports
/// both modules means this one. A thread that finds it locked spins for a moment, then sleeps (futex(2)), and with it
/// all tasks of its worker: so do not call anything that waits inside ``withLock(_:)``. It is not recursive and not
/// fair. To hold something across an `await`, use an ``AsyncSemaphore``.
///
/// Cost: an allocation when it is made; two atomic operations for a section without contention.
///
/// - Invariant: what `cell` holds is touched by the thread that has the lock.
@safe public struct Mutex<Value: ~Copyable>: ~Copyable {
    // SHARED: the word is atomic; the value is protected by it.
    private let cell: Cell

    private final class Cell {
        let word = MutexWord()
        var value: Value

        init(_ value: consuming Value) { self.value = value }
    }

    /// An unlocked mutex around `value`.
    public init(_ value: consuming sending Value) { cell = Cell(value) }

    /// Calls `body` with the value while no other thread has it.
    ///
    /// - Returns: what `body` returns. Throws: what it throws; the lock is given back.
    @inline(__always)
    public borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        cell.word.lock()
        defer { cell.word.unlock() }
        return try body(&cell.value)
    }

    /// The same if the mutex is free now; else nil, and `body` is not called.
    @inline(__always)
    public borrowing func withLockIfAvailable<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result? {
        guard cell.word.tryLock() else { return nil }
        defer { cell.word.unlock() }
        return try body(&cell.value)
    }
}

extension Mutex: @unchecked Sendable where Value: ~Copyable {}
