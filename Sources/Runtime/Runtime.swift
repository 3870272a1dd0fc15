// Sources/Runtime/Runtime.swift — bringing the runtime up and down.

import Bytes
internal import CLinux
import Linux
import Logging
import Primitives

/// What the runtime is made of.
public struct RuntimeOptions: Sendable {
    /// Number of worker threads, at least 1.
    public var workers = 1
    /// How workers wait for their descriptors.
    public var reactor = ReactorKind.epoll
    /// Most bytes that all heaps may map; see `HeapBudget.limit`.
    public var heapLimit = Config.heapLimit
    /// What is logged, and how.
    public var log = LogSetup.off

    /// One worker, epoll, no log: a program links no more of these parts than it names.
    public init() {}
}

/// The process's runtime: there is one.
///
///     prepare ─▶ (set the workers' services up) ─▶ run ─▶ … ─▶ each worker's stop() ─▶ join
public enum Runtime {
    // SHARED: the control thread's alone.
    nonisolated(unsafe) private static var threads: UnsafeMutableBufferPointer<Thread>?
    // SHARED: written by `prepare` before the workers run, then only read.
    nonisolated(unsafe) private static var reactor: StaticString = "none"

    /// How workers wait, by its name in settings: what the kernel has allowed of what was asked for.
    public static var reactorName: StaticString { unsafe reactor }

    /// Makes heap, log and workers. Call it first of all, on the main thread, once.
    ///
    /// It blocks all signals but the fatal ones, and raises the limit of open descriptors to what is allowed.
    public static func prepare(_ options: RuntimeOptions) throws(Errno) {
        Process.prepare()
        Signals.blockAllButFatal()
        HeapBudget.limit = options.heapLimit
        let descriptors = Swift.min(Process.raiseDescriptorLimit(), Config.maxConnections)
        try DescriptorTable.prepare(limit: descriptors)
        try TaskHandle.prepare()
        try Log.prepare(options.log)
        try Panic.prepare()
        let maker = try options.reactor.choose()
        unsafe reactor = maker.name
        try Scheduler.prepare(count: options.workers) { _ throws(Errno) in try maker.make(descriptors) }
        guard options.workers > Process.availableProcessors else { return }
        for index in 0..<options.workers { Scheduler.worker(index).neverSpins() }
    }

    /// Starts the workers' threads.
    public static func run() throws(Errno) {
        let count = Scheduler.workerCount
        let threads = UnsafeMutableBufferPointer<Thread>.allocate(capacity: count)
        for index in 0..<count {
            let worker = unsafe Unmanaged.passUnretained(Scheduler.worker(index)).toOpaque()
            // SAFETY: workers are never freed.
            let thread = unsafe try Thread.spawn("worker", argument: worker) { worker in
                unsafe Unmanaged<Worker>.fromOpaque(worker.unsafelyUnwrapped)._withUnsafeGuaranteedRef { $0.run() }
            }
            unsafe threads.initializeElement(at: index, to: thread)
        }
        unsafe Self.threads = threads
    }

    /// Whether all workers have ended.
    public static var hasEnded: Bool {
        guard let threads = unsafe threads else { return true }
        for index in threads.indices where unsafe !threads[index].hasEnded { return false }
        return true
    }

    /// How long a worker's thread has run on a processor, in nanoseconds; 0 if it has ended.
    public static func processorTime(ofWorker index: Int) -> UInt64 {
        guard let threads = unsafe threads, index < threads.count else { return 0 }
        return unsafe threads[index].processorTime
    }

    /// Waits until all workers have ended.
    public static func join() {
        guard let threads = unsafe threads else { return }
        for index in threads.indices { unsafe threads[index].join() }
    }
}
