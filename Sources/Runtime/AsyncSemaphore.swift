// Sources/Runtime/AsyncSemaphore.swift — a bounded number of permits, for which tasks wait in turn.

import _Concurrency

/// Lets a bounded number of tasks do something at a time, on any workers. A task that waits is suspended; its worker is
/// not.
///
/// Permits go to the tasks in the order in which they have asked (FIFO): one that comes later does not overtake. Cost:
/// two allocations when it is made; waiting takes about 100 bytes of the task's frames, and no allocation.
///
/// - Invariant: `permits` is touched under the queue's lock only; it is 0 while a task waits.
@safe public final class AsyncSemaphore: @unchecked Sendable {
    // SHARED: any thread; the queue's lock protects it and `permits`.
    private let queue = WaitQueue()
    private var permits: Int
    private let limit: Int

    /// A semaphore with `permits`, all of them free; at least 1.
    public init(permits: Int) {
        precondition(permits > 0, "a semaphore without permits lets no task through")
        self.permits = permits
        limit = permits
    }

    /// Takes a permit, and suspends until there is one. Give it back with ``signal()``.
    ///
    /// A task that is cancelled already takes a permit if one is free.
    ///
    /// - Throws: `CancellationError` if the task is cancelled while it waits, or would have to wait: it has no permit.
    public func wait() async throws(CancellationError) {
        guard await takesPermit() else { throw CancellationError() }
    }

    /// Takes a permit if one is free.
    public func tryWait() -> Bool {
        queue.lock()
        defer { queue.unlock() }
        return take()
    }

    /// Gives a permit back, to the task that has waited longest if there is one. Any thread.
    ///
    /// It traps if more permits are given back than were taken.
    public func signal() {
        queue.lock()
        guard let task = queue.popFirst()?.leave(.served) else {
            permits += 1
            precondition(permits <= limit, "a permit was given back that was not taken")
            return queue.unlock()
        }
        queue.unlock()
        task.resume()
    }

    /// Calls `body` with a permit, which is given back when `body` ends, however it ends.
    ///
    /// - Returns: what `body` returns; nil if the task was cancelled while it waited, and `body` was not called.
    /// - Throws: what `body` throws.
    public func withPermit<Result, Failure: Error>(
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result? {
        guard await takesPermit() else { return nil }
        defer { signal() }
        return try await body()
    }

    private func takesPermit() async -> Bool {
        if tryWait() { return true }
        let place = WaitingPlace<Void>(in: queue, nil)
        return await place.wait { _ in take() ? .served : nil } == .served
    }

    /// Under the lock.
    private func take() -> Bool {
        guard permits > 0 else { return false }
        permits -= 1
        return true
    }
}
