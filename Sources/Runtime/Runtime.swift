// Sources/Runtime/Runtime.swift — bringing the runtime up and down.

import Bytes
internal import CLinux
import Linux
import Logging
import Primitives
import Synchronization

/// What the runtime is made of.
public struct RuntimeOptions: Sendable {
    /// How workers wait for their descriptors.
    public var reactor = ReactorKind.epoll
    /// Most bytes that all heaps may map; see `HeapBudget.limit`.
    public var heapLimit = Config.heapLimit
    /// What is logged, and how.
    public var log = LogSetup.off

    /// One worker, epoll, no log: a program links no more of these parts than it names.
    public init() {}

    // In one word: with a word more, each copy of the options would be a call.
    private var workerCount: UInt32 = 1
    private var stackByteCount = UInt32(Config.stackSize)

    /// Number of worker threads, 1...256.
    public var workers: Int {
        get { Int(workerCount) }
        set { workerCount = UInt32(clamping: newValue) }
    }

    /// Stack of each worker's thread in bytes, 32 KiB to 1 GiB, rounded up to whole pages; a page takes memory when it
    /// is first touched. The default is 64 KiB, in debug builds 256 KiB. A handler that calls deeply, or holds large
    /// arrays, needs more.
    public var stackSize: Int {
        get { Int(stackByteCount) }
        set { stackByteCount = UInt32(clamping: newValue) }
    }

    /// Whether ``Runtime/prepare(_:)`` takes them.
    fileprivate var areInBounds: Bool {
        1...Config.maxWorkers ~= workers && Config.minStackSize...Config.maxStackSize ~= stackSize
    }
}

/// The process's runtime: there is one.
///
///     prepare ─▶ (set the workers' callbacks) ─▶ run ─▶ … ─▶ each worker's stop() ─▶ join
public enum Runtime {
    // SHARED: stored by `prepare` before the workers run, so relaxed.
    private static let workerStackSize = Atomic<Int>(Config.stackSize)

    /// Bytes of each worker's stack.
    static var stackSize: Int { workerStackSize.load(ordering: .relaxed) }

    /// How workers wait, by its name in settings: what the kernel has allowed of what was asked for. Not before
    /// ``prepare(_:)``.
    public static var reactorName: StaticString { Scheduler.worker(0).reactor.name }

    /// Makes heap, log and workers. Call it first of all, on the main thread, once.
    ///
    /// It blocks all signals but the fatal ones, and raises the limit of open descriptors to what is allowed.
    ///
    /// - Throws: `invalidArgument` for an option out of its bounds; if the program ends by that error, its line
    ///   `[PANIC]` names the option. Otherwise what the kernel refuses.
    public static func prepare(_ options: RuntimeOptions) throws(Errno) {
        try Panic.prepare()
        guard options.areInBounds else {
            // For a program that ends by this error.
            Panic.note("workers or stackSize is out of bounds")
            throw .invalidArgument
        }
        workerStackSize.store(Memory.pages(options.stackSize), ordering: .relaxed)
        Process.prepare()
        Signals.blockAllButFatal()
        HeapBudget.limit = options.heapLimit
        let descriptors = Swift.min(Process.raiseDescriptorLimit(), Config.maxConnections)
        try DescriptorTable.prepare(limit: descriptors)
        try TaskHandle.prepare()
        try Log.prepare(options.log)
        let maker = try options.reactor.choose()
        missing.store(.nothing, ordering: .relaxed)
        try Scheduler.prepare(count: options.workers) { _ throws(Errno) in
            let reactor = try maker.make(descriptors)
            reactor.name = maker.name
            return reactor
        }
        guard options.workers > Process.availableProcessors else { return }
        for index in 0..<options.workers { Scheduler.worker(index).neverSpins() }
    }

    /// What a program still has to do before ``run()``.
    public enum Step: UInt8, AtomicRepresentable, Sendable {
        case nothing
        /// ``prepare(_:)``.
        case preparation
        /// To start what has to run before the workers do, such as Net's acceptor.
        case start
    }

    // SHARED: the main thread's alone, before the workers run, so relaxed.
    /// What the program still has to do before ``run()``.
    public static let missing = Atomic<Step>(.preparation)

    /// Starts the workers' threads.
    ///
    /// Ends the process if something is ``missing``, or there is a log and no `LogWriter` yet.
    ///
    /// - Throws: what mmap(2) or clone(2) refuse.
    public static func run() throws(Errno) {
        switch missing.load(ordering: .relaxed) {
        case .nothing: break
        case .preparation: Panic.misuse(Panic.notPrepared)
        case .start: Panic.misuse("call start() before Runtime.run")
        }
        if Log.lacksWriter { Panic.misuse("make a LogWriter before Runtime.run") }
        for index in 0..<Scheduler.workerCount {
            Scheduler.worker(index).thread = try Thread.spawn("worker", stackSize: stackSize) {
                Scheduler.worker(index).run()
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
    package static func processorTime(ofWorker index: Int) -> UInt64 {
        Scheduler.worker(index).thread?.processorTime ?? 0
    }

    /// Waits until all workers have ended.
    public static func join() {
        for index in 0..<Scheduler.workerCount { Scheduler.worker(index).thread?.join() }
    }
}
