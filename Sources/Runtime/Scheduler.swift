// Sources/Runtime/Scheduler.swift — from any thread to the worker that a task or a descriptor belongs to.

import Bytes
internal import CLinux
internal import CTaskABI
import Linux
import Primitives
import Synchronization

/// The workers, and the ways to them. Everything here may be called on any thread.
public enum Scheduler {
    // SHARED: both written by `prepare` before the workers run, then only read.
    nonisolated(unsafe) private static var table: UnsafeMutablePointer<Unmanaged<Worker>>?
    nonisolated(unsafe) private static var count = 0

    /// How many workers there are.
    @inline(__always)
    public static var workerCount: Int { unsafe count }

    /// Tasks that are made elsewhere than on a worker go to the workers in turn. Relaxed: any spread will do.
    private static let nextHome = Atomic<UInt32>(0)

    /// Makes `count` workers; they run when their threads start.
    static func prepare(count: Int, reactor: (Int) throws(Errno) -> Reactor) throws(Errno) {
        let table = UnsafeMutablePointer<Unmanaged<Worker>>.allocate(capacity: count)
        for index in 0..<count {
            let worker = try Worker(index: index, reactor: try reactor(index))
            unsafe (table + index).initialize(to: Unmanaged.passRetained(worker))
        }
        unsafe Self.table = table
        unsafe Self.count = count
    }

    /// The worker `index`, `0..<workerCount`.
    @inline(__always)
    public static func worker(_ index: Int) -> Worker {
        // SAFETY: `table` has `workerCount` entries, and workers are never freed.
        unsafe table.unsafelyUnwrapped[index]._withUnsafeGuaranteedRef { $0 }
    }

    /// Queues `job` on worker `home`: directly if this is its thread, through its inbox otherwise.
    @inline(__always)
    static func enqueue(_ job: UnsafeMutableRawPointer, home: Int) {
        // SAFETY: the two words after a job's object header are ours while it is not running.
        let node = unsafe (job + Int(task_job_link_offset)).assumingMemoryBound(to: InboxNode.self)
        unsafe node.pointee.kind = MessageKind.job
        if let current = Worker.current, current.index == home {
            unsafe current.ready.append(node)
        } else {
            unsafe push(node, to: worker(home))
        }
    }

    /// Hands a slot whose descriptor was just opened over to a worker.
    ///
    /// - Safety: nobody else touches the slot from here on.
    @unsafe public static func send(_ slot: Slot, to worker: Worker) {
        slot.workerIndex = worker.index
        let node = unsafe slot.inboxNode
        unsafe node.pointee.kind = MessageKind.descriptor
        unsafe push(node, to: worker)
    }

    /// Sends a message of a kind of the caller's own (`0...`), which `DescriptorService.received` gets.
    public static func send(_ message: UInt, to worker: Worker) {
        let node = UnsafeMutablePointer<InboxNode>.allocate(capacity: 1)
        unsafe node.initialize(to: InboxNode(kind: MessageKind.custom + message))
        // SAFETY: the node is this message's alone; the worker frees it.
        unsafe push(node, to: worker)
    }

    @inline(__always)
    private static func push(_ node: UnsafeMutablePointer<InboxNode>, to worker: Worker) {
        if unsafe worker.inbox.push(node) { worker.wakeUp.signal() }
    }

    /// Where a task that is made on this thread lives: on this worker, or on the next in turn.
    static var homeForNewTask: Int {
        if let current = Worker.current { return current.index }
        let turn = nextHome.add(1, ordering: .relaxed).newValue
        return Int(turn) % Swift.max(workerCount, 1)
    }
}

/// What CTaskABI calls to have a job run.
@c(async_nostd_enqueue)
public func enqueueJob(_ job: UnsafeMutableRawPointer) {
    if unsafe ImmediateTask.take(job) { return }
    unsafe Scheduler.enqueue(job, home: Int(task_home(job)))
}

/// What CTaskABI calls to give a new task its home.
@c(async_nostd_home_for_new_task)
public func homeForNewTask() -> UInt32 { UInt32(truncatingIfNeeded: Scheduler.homeForNewTask) }
