// Sources/Runtime/BoundTask.swift — a task of a given worker, with a result.

import _Concurrency

/// A task that runs on one worker only: from there it may call everything. Any task may wait for its value.
public struct BoundTask<Value: Sendable>: Sendable {
    private let task: Task<Value, Never>

    fileprivate init(_ task: Task<Value, Never>) { self.task = task }

    /// What the task returned. Waits until it has ended; the waiting task goes on on its own home.
    public var value: Value {
        get async { await task.value }
    }

    /// Cancels the task, as `Task.cancel` does. Any thread.
    public func cancel() { task.cancel() }

    /// Whether the task was cancelled.
    public var isCancelled: Bool { task.isCancelled }
}

extension Runtime {
    /// Creates a task that worker `index` runs, and no other. Any thread.
    ///
    /// - Parameters:
    ///   - index: in `0..<Scheduler.workerCount`; traps if it is not.
    ///   - body: what the task does. Errors are part of its result: `Result<Success, Failure>`.
    @discardableResult
    public static func spawn<Value: Sendable>(
        on index: Int, _ body: sending @escaping @isolated(any) () async -> Value
    ) -> BoundTask<Value> {
        precondition(index >= 0 && index < Scheduler.workerCount, "no such worker")
        let (job, task) = ImmediateTask.make(home: UInt32(index), body)
        Scheduler.enqueue(job)
        return BoundTask(task)
    }
}
