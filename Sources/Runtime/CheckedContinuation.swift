// Sources/Runtime/CheckedContinuation.swift — waking a task from any thread, once.

import Synchronization
import _Concurrency

/// What resumes a task that is suspended in ``withCheckedContinuation(function:_:)``: on any thread, a worker's or not,
/// and exactly once. A second ``resume(returning:)`` ends the process with a `[PANIC]` line that names the function in
/// which the task was suspended.
///
/// The standard library's type of this name does not check anything in Embedded Swift. A module that imports Runtime
/// means this one. Cost: one allocation, and an atomic operation when it is resumed.
public struct CheckedContinuation<Value, Failure: Error>: Sendable {
    private let slot: Slot

    /// Where the continuation is until it is taken.
    private final class Slot: Sendable {
        /// The continuation's bits; 0: it was resumed.
        ///
        /// Relaxed: one exchange gets the bits, and what the task has written before is seen by the way on which this
        /// object came to the thread. What that thread writes for the task is published by the resumption.
        let bits: Atomic<UInt>
        let function: StaticString

        init(_ bits: UInt, _ function: StaticString) {
            self.bits = Atomic(bits)
            self.function = function
        }
    }

    /// Checks `continuation`, which nothing else resumes.
    ///
    /// - Parameter function: named if it is resumed twice.
    public init(continuation: UnsafeContinuation<Value, Failure>, function: StaticString = #function) {
        slot = Slot(unsafe unsafeBitCast(continuation, to: UInt.self), function)
    }
}

extension CheckedContinuation where Failure == Never {
    /// Resumes the task, which gets `value`. Any thread. Traps if it was resumed already.
    public func resume(returning value: sending Value) {
        if !tryResume(returning: value) { Panic.misuse("a continuation was resumed twice", slot.function) }
    }

    /// Resumes the task, unless it was resumed already: for a wake-up that competes with others, such as a
    /// cancellation.
    ///
    /// - Returns: whether this call has resumed it.
    @discardableResult
    public func tryResume(returning value: sending Value) -> Bool {
        let bits = slot.bits.exchange(0, ordering: .relaxed)
        guard bits != 0 else { return false }
        // SAFETY: they are the bits of this type, since `init`, and were taken once.
        unsafe unsafeBitCast(bits, to: UnsafeContinuation<Value, Never>.self).resume(returning: value)
        return true
    }
}

extension CheckedContinuation where Value == Void, Failure == Never {
    /// Resumes the task. Any thread. Traps if it was resumed already.
    public func resume() { resume(returning: ()) }

    /// Resumes the task, unless it was resumed already.
    ///
    /// - Returns: whether this call has resumed it.
    @discardableResult
    public func tryResume() -> Bool { tryResume(returning: ()) }
}

/// Calls `body` with a continuation, and suspends the running task until that is resumed.
///
/// A cancellation does not resume it: see `withTaskCancellationHandler` and
/// ``CheckedContinuation/tryResume(returning:)``.
///
/// - Parameter function: named if the continuation is resumed twice.
/// - Returns: what it is resumed with.
@inline(__always)
public nonisolated(nonsending) func withCheckedContinuation<Value>(
    function: StaticString = #function, _ body: (CheckedContinuation<Value, Never>) -> Void
) async -> sending Value {
    unsafe await withUnsafeContinuation { continuation in
        body(unsafe CheckedContinuation(continuation: continuation, function: function))
    }
}
