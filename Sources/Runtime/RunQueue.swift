// Sources/Runtime/RunQueue.swift — the tasks of one worker that can go on.

/// A FIFO of jobs, linked through the words that the task ABI leaves to the scheduler. One thread's own.
struct RunQueue {
    private var first: Job?
    private var last: Job?

    var isEmpty: Bool { first == nil }

    /// Puts `job`, which is in no queue, at the end.
    @inline(__always)
    mutating func append(_ job: Job) {
        job.next = nil
        if let last { last.next = job } else { first = job }
        last = job
    }

    /// Takes the oldest job.
    @inline(__always)
    mutating func popFirst() -> Job? {
        guard let job = first else { return nil }
        first = job.next
        if first == nil { last = nil }
        return job
    }
}
