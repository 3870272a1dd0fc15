// Sources/Runtime/ImmediateTask.swift — making a task without queueing it.

import _Concurrency

/// The compiler makes and queues a task in one step; between the two, the job passes this thread by, and can be kept.
package enum ImmediateTask {
    /// Makes a task that is bound to this thread's worker, and is in no queue. On a thread that is no worker it is
    /// free.
    ///
    /// - Returns: the task, with the reference that running it will give up: it has to be run some day; and what
    ///   cancels it.
    package static func make(
        _ body: sending @escaping @isolated(any) () async -> Void
    ) -> (job: Job, task: Task<Void, Never>) {
        make(home: Worker.current.map { UInt32($0.index) } ?? Job.anyWorker, body)
    }

    /// Makes a task of the given home that is in no queue, and a reference for those that wait for its value.
    static func make<Value: Sendable>(
        home: UInt32, _ body: sending @escaping @isolated(any) () async -> Value
    ) -> (job: Job, task: Task<Value, Never>) {
        ThreadBlock.holdsNext = true
        let task = Task(operation: body)
        guard let job = ThreadBlock.held else { fatalError("a task was made and not queued") }
        ThreadBlock.held = nil
        job.home = home
        return (job, task)
    }

    /// Keeps `job` if this thread is in ``make(_:)``.
    @inline(__always)
    static func take(_ job: Job) -> Bool {
        guard ThreadBlock.holdsNext else { return false }
        ThreadBlock.holdsNext = false
        ThreadBlock.held = job
        return true
    }
}
