// Sources/Runtime/FreeTasks.swift — tasks that any worker may run: where they wait, and what wakes a worker.

import Linux
import Primitives
import Synchronization

/// Free tasks wait in the queue of the worker that made or resumed them (`Worker.stealable`), or in one that all share:
/// those that come from a thread that is no worker, and those for which a worker's queue has no room.
///
///     task is queued ──▶ a worker sleeps, and none is being woken ──▶ it becomes the searcher, and its eventfd is rung
///                                                                        │
///          searcher = none ◀── it looks at all queues, takes a half ◀────┘
///             └─▶ something is left anywhere: the next sleeper becomes the searcher
///
/// So at most one worker at a time is being woken to steal. No wake-up is lost: a thread that queues a task does so
/// before it looks for a searcher and for sleepers; a worker announces its sleep, and a searcher the end of its search,
/// before they look at the queues. All of these are sequentially consistent, so that one of the two sees the other.
/// A worker that takes several tasks runs one of them at once, and looks for a sleeper that could take the others: they
/// were in no queue for a moment. `Tests/models/steal.pml` proves it.
enum FreeTasks {
    /// For all workers.
    static let shared = SharedQueue()
    /// One more than the index of the worker that is being woken; 0: none.
    private static let searcher = Atomic<Int>(0)
    /// How many workers have queued free tasks since they last rested: while it is 0, sleepers need not look at queues.
    private static let users = Atomic<Int>(0)

    /// Queues `job`, whose task is free, where the calling thread is at home. Any thread.
    static func queue(_ job: Job) {
        guard let worker = Worker.current else {
            if Scheduler.workerCount == 0 { Panic.misuse(Panic.notPrepared) }
            share(job)
            return wakeThief(besides: -1)
        }
        if !worker.usesFreeTasks { use(worker) }
        if !worker.stealable.push(job.bits) { share(job) }
        wakeThief(besides: worker.index)
    }

    private static func share(_ job: Job) {
        // SAFETY: a job that waits is in one queue.
        unsafe shared.push(job.node)
    }

    /// Whether there seems to be something to steal. Sequentially consistent, after what the caller has announced.
    @inline(__always)
    static var isSomethingQueued: Bool {
        !shared.isEmpty || users.load(ordering: .sequentiallyConsistent) > 0 && isSomeQueueFilled
    }

    @inline(never)
    private static var isSomeQueueFilled: Bool {
        for index in 0..<Scheduler.workerCount where !Scheduler.worker(index).stealable.isEmpty { return true }
        return false
    }

    /// Notes that `worker` has free tasks in its queue, or had. Its own thread only.
    private static func use(_ worker: Worker) {
        worker.usesFreeTasks = true
        users.add(1, ordering: .sequentiallyConsistent)
    }

    /// The opposite: `worker`, whose queue is empty, has had none for a while.
    static func endUse(_ worker: Worker) {
        guard worker.usesFreeTasks, worker.stealable.isEmpty else { return }
        worker.usesFreeTasks = false
        users.subtract(1, ordering: .sequentiallyConsistent)
    }

    // MARK: Waking

    /// Wakes a worker that sleeps, if there is one and none is being woken. Call it after something was queued.
    ///
    /// - Parameter index: the calling thread's worker; -1: it is no worker's.
    static func wakeThief(besides index: Int) {
        while searcher.load(ordering: .sequentiallyConsistent) == 0, let sleeper = nextSleeper(after: index) {
            guard
                searcher.compareExchange(
                    expected: 0, desired: sleeper.index + 1, ordering: .sequentiallyConsistent
                ).exchanged
            else { return }
            if sleeper.inbox.wake() { return sleeper.wakeUp.signal() }
            // It has woken up by itself. Threads that have queued something meanwhile have seen a searcher: this one
            // looks again in their place, at all workers.
            endSearch(sleeper.index)
        }
    }

    @inline(__always)
    private static func nextSleeper(after index: Int) -> Worker? {
        let count = Scheduler.workerCount
        var next = index
        for _ in 0..<count {
            next += 1
            if next == count { next = 0 }
            if next != index, Scheduler.worker(next).inbox.isOwnerAsleep { return Scheduler.worker(next) }
        }
        return nil
    }

    /// Whether worker `index` was woken to steal, and has not yet ended its search.
    @inline(__always)
    static func isSearching(_ index: Int) -> Bool { searcher.load(ordering: .relaxed) == index + 1 }

    private static func endSearch(_ index: Int) {
        _ = searcher.compareExchange(expected: index + 1, desired: 0, ordering: .sequentiallyConsistent)
    }

    // MARK: Taking

    /// Takes tasks that wait elsewhere: one is the result, to be run at once, the others go into the queue of `worker`,
    /// whose thread this is. Ends its search, if it is the searcher.
    static func steal(for worker: Worker) -> Job? {
        let job = worker.stealable.hasRoomForHalf ? takeShared(for: worker) ?? takeHalf(for: worker) : nil
        let wasSearching = isSearching(worker.index)
        if wasSearching { endSearch(worker.index) }
        // Also if it found nothing: what was queued behind its back woke no other.
        if wasSearching || job != nil, isSomethingQueued { wakeThief(besides: worker.index) }
        return job
    }

    /// Takes a worker's share of the common queue, the first of it as the result.
    private static func takeShared(for worker: Worker) -> Job? {
        let count = shared.count
        guard count > 0 else { return nil }
        let share = Swift.min(count / Scheduler.workerCount + 1, StealQueue.capacity / 2)
        guard let job = unsafe shared.take(upTo: share).map({ unsafe Job(node: $0) }) else { return nil }
        if !worker.usesFreeTasks { use(worker) }
        var rest = job.next
        while let next = rest {
            rest = next.next
            // There is room: the queue is at most half full, and a share is at most a half.
            _ = worker.stealable.push(next.bits)
        }
        return job
    }

    private static func takeHalf(for worker: Worker) -> Job? {
        let count = Scheduler.workerCount
        var victim = worker.index
        for _ in 1..<count {
            victim += 1
            if victim == count { victim = 0 }
            if let job = takeHalf(of: Scheduler.worker(victim), for: worker) { return job }
        }
        return nil
    }

    private static func takeHalf(of victim: Worker, for worker: Worker) -> Job? {
        guard !victim.stealable.isEmpty else { return nil }
        // It is marked before the tasks are in its queue, where a sleeper has to find them.
        if !worker.usesFreeTasks { use(worker) }
        return victim.stealable.steal(into: worker.stealable).map { unsafe Job(bits: $0) }
    }

    /// Takes half of the tasks of `victim`, which does not turn, into the queue of `worker`, whose thread this is.
    static func rescue(from victim: Worker, for worker: Worker) {
        guard worker.stealable.hasRoomForHalf, let job = takeHalf(of: victim, for: worker) else { return }
        queue(job)
    }
}
