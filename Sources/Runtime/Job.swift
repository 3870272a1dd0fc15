// Sources/Runtime/Job.swift — a task, or another job of the task ABI, that waits to be run.

internal import CTaskABI
import Primitives
import _Concurrency

/// A job: what the task ABI queues and runs. One word.
///
/// - Invariant: the job waits for exactly one run, so it is alive, and its two scheduler's words are ours until
///   ``run()``. A value is made where the ABI hands a job over, and passed on until the one that runs it; it is not
///   copied beside.
@safe package struct Job {
    /// The two words of the job that are the scheduler's: an inbox's entry, or a link of a ``RunQueue``.
    let node: UnsafeMutablePointer<InboxNode>

    /// The job at `address`.
    @inline(__always)
    @unsafe init(_ address: UnsafeMutableRawPointer) {
        // SAFETY: the words lie in the job, which the task ABI's header says.
        unsafe node = (address + Int(task_job_link_offset)).assumingMemoryBound(to: InboxNode.self)
    }

    /// The job whose words are `node`.
    @inline(__always)
    @unsafe init(node: UnsafeMutablePointer<InboxNode>) { unsafe self.node = node }

    /// The task that has suspended at `continuation`, and that nothing else resumes.
    @inline(__always)
    @unsafe package init<Value, Failure>(_ continuation: UnsafeContinuation<Value, Failure>) {
        unsafe self.init(unsafeBitCast(continuation, to: UnsafeMutableRawPointer.self))
    }

    @inline(__always)
    private var address: UnsafeMutableRawPointer {
        unsafe UnsafeMutableRawPointer(node) - Int(task_job_link_offset)
    }

    /// The job behind this one in its queue.
    @inline(__always)
    var next: Job? {
        get { unsafe node.pointee.next.map { unsafe Job(node: $0) } }
        nonmutating set { unsafe node.pointee.next = newValue?.node }
    }

    /// The home of free tasks.
    static var anyWorker: UInt32 { .max }

    /// The index of the worker that runs it, or ``anyWorker``.
    @inline(__always)
    var home: UInt32 {
        get { unsafe task_home(address) }
        nonmutating set { unsafe task_set_home(address, newValue) }
    }

    /// The word that Runtime keeps with a task: its ``TaskHandle``; 0: none.
    var handle: UInt64 {
        get { unsafe task_handle(address) }
        nonmutating set { unsafe task_set_handle(address, newValue) }
    }

    /// Runs the job until it suspends or ends. On its home's thread, if it has one.
    @inline(__always)
    func run() { unsafe task_run(address) }

    /// Queues a task that has suspended, or is about to: see ``suspend(_:)``.
    func resume() { unsafe task_resume(address) }

    /// Suspends the running task, which goes on after ``resume()``.
    ///
    /// - Parameter body: gets the task, once; what it hands it to calls ``resume()`` once, at once or later, on any
    ///   thread.
    @inline(__always)
    static nonisolated(nonsending) func suspend(_ body: (Job) -> Void) async {
        // SAFETY: the continuation is the task's only one, and not used beside the job.
        unsafe await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            body(unsafe Job(continuation))
        }
    }

    /// The job as a word, for ``init(bits:)``.
    var bits: UInt { unsafe UInt(bitPattern: node) }

    /// The job that `bits` came from, if it waits still.
    @unsafe init(bits: UInt) {
        unsafe node = UnsafeMutablePointer(bitPattern: bits).unsafelyUnwrapped
    }
}
