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
    /// How workers wait, by its name in settings: what the kernel has allowed of what was asked for. Not before
    /// ``prepare(_:)``.
    public static var reactorName: StaticString { Scheduler.worker(0).reactor.name }

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
        try Scheduler.prepare(count: options.workers) { _ throws(Errno) in
            let reactor = try maker.make(descriptors)
            reactor.name = maker.name
            return reactor
        }
        guard options.workers > Process.availableProcessors else { return }
        for index in 0..<options.workers { Scheduler.worker(index).neverSpins() }
    }

    /// Starts the workers' threads.
    public static func run() throws(Errno) {
        for index in 0..<Scheduler.workerCount {
            let worker = Scheduler.worker(index)
            worker.thread = unsafe try Thread.spawn("worker", argument: ImmortalReference(worker).address) { address in
                // SAFETY: it is the worker's address above.
                unsafe ImmortalReference<Worker>(address: address.unsafelyUnwrapped).object.run()
            }
        }
    }

    /// Whether all workers have ended.
    public static var hasEnded: Bool {
        for index in 0..<Scheduler.workerCount {
            if let thread = Scheduler.worker(index).thread, !thread.hasEnded { return false }
        }
        return true
    }

    /// How long a worker's thread has run on a processor, in nanoseconds; 0 if it has ended.
    public static func processorTime(ofWorker index: Int) -> UInt64 {
        Scheduler.worker(index).thread?.processorTime ?? 0
    }

    /// Waits until all workers have ended.
    public static func join() {
        for index in 0..<Scheduler.workerCount { Scheduler.worker(index).thread?.join() }
    }
}
