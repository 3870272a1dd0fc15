// Sources/Runtime/Scheduler.swift — from any thread to the worker that a task or a descriptor belongs to.

import Bytes
import Linux
import Primitives
import Synchronization

/// The workers, and the ways to them. Everything here may be called on any thread.
public enum Scheduler {
    // SHARED: both stored by `prepare` before the workers run, then only read, so relaxed.
    nonisolated(unsafe) private static var table: UnsafeMutablePointer<ImmortalReference<Worker>>?
    private static let count = Atomic<Int>(0)

    /// How many workers there are.
    @inline(__always)
    public static var workerCount: Int { count.load(ordering: .relaxed) }

    /// Makes `count` workers; they run when their threads start.
    static func prepare(count: Int, reactor: (Int) throws(Errno) -> Reactor) throws(Errno) {
        let table = UnsafeMutablePointer<ImmortalReference<Worker>>.allocate(capacity: count)
        for index in 0..<count {
            let worker = try Worker(index: index, reactor: try reactor(index))
            unsafe (table + index).initialize(to: ImmortalReference(worker))
        }
        unsafe Self.table = table
        Self.count.store(count, ordering: .relaxed)
    }

    /// The worker `index`; traps if it is not in `0..<workerCount`.
    @inline(__always)
    public static func worker(_ index: Int) -> Worker {
        precondition(index >= 0 && index < workerCount, "no such worker")
        // SAFETY: `table` has `workerCount` entries.
        return unsafe table.unsafelyUnwrapped[index].object
    }

    /// Queues `job`: a bound task on its home, directly if this is its thread, through its inbox otherwise; a free one
    /// where the calling thread is at home.
    @inline(__always)
    static func enqueue(_ job: Job) {
        let home = job.home
        if home == Job.anyWorker {
            FreeTasks.queue(job)
        } else if let current = Worker.current, current.index == Int(home) {
            current.ready.append(job)
        } else {
            unsafe push(job.node, InboxEntry.Kind.job, to: worker(Int(home)))
        }
    }

    /// Hands a slot whose descriptor was just opened over to a worker.
    ///
    /// - Safety: no other code touches the slot from here on.
    @unsafe package static func send(_ slot: Slot, to worker: Worker) {
        slot.workerIndex = worker.index
        unsafe push(slot.firstField(), InboxEntry.Kind.descriptor, to: worker)
    }

    /// Sends a message of a kind of the caller's own (`0...`), which `WorkerCallbacks.received` gets.
    package static func send(_ message: UInt, to worker: Worker) {
        let node = UnsafeMutablePointer<InboxNode>.allocate(capacity: 1)
        // SAFETY: the node is this message's alone; the worker frees it.
        unsafe push(node, InboxEntry.Kind.custom + message, to: worker)
    }

    /// Puts an entry of a kind of ``InboxEntry`` into a worker's inbox, and wakes the worker if it sleeps.
    @inline(__always)
    static func push(_ node: UnsafeMutablePointer<InboxNode>, _ kind: UInt, to worker: Worker) {
        unsafe node.pointee.kind = kind
        if unsafe worker.inbox.push(node) { worker.wakeUp.signal() }
    }
}

/// What CTaskABI calls to have a job run.
@c(async_nostd_enqueue)
package func enqueueJob(_ job: UnsafeMutableRawPointer) {
    let job = unsafe Job(job)
    if ImmediateTask.take(job) { return }
    Scheduler.enqueue(job)
}
