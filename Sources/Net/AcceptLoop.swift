// Sources/Net/AcceptLoop.swift — accepting connections: within limits, and on which worker.

import Bytes
import Linux
import Logging
import Primitives
import Runtime
import Synchronization

// For programs that name it.
@_exported import struct Options.ConnectionSettings

/// What one worker accepts from, beside other workers that may do the same.
struct AcceptLoop: ~Copyable {
    private let worker: Worker
    private var admission = Admission()
    /// Slots of this worker's own duplicates of the listeners' descriptors.
    private var listeners: [128 of Slot?] = .init(repeating: nil)
    private var count = 0

    init(_ worker: Worker) {
        self.worker = worker
        precondition(listeners.count == Config.maxListeners)
    }

    /// Accepts from `listener` from now on. Before the worker runs.
    ///
    /// - Throws: what dup(2) and the reactor say.
    mutating func add(_ listener: Listener) throws(Errno) {
        // A descriptor of its own: slots belong to one worker.
        let own = try listener.descriptor.duplicate()
        guard count < Config.maxListeners, let slot = DescriptorTable.open(own.descriptor, as: .listening)
        else { throw .tooManyOpenFiles }
        try own.descriptor.setNonBlocking()
        _ = own.release()
        if listener.role == .administration { slot.flags.insert(.administration) }
        listeners[count] = slot
        count += 1
        try worker.watch(slot, exclusive: true)
    }

    /// Takes one connection from a listener of `loop`, whose part this is. One that its worker is to serve is the
    /// result; another worker is handed the one that it is to serve, if it has clearly fewer.
    ///
    /// - Returns: `.none` after the last one, or while there is no room: then the listener is left alone for a moment.
    mutating func next(from listener: Slot, for loop: ConnectionLoop) -> Next {
        switch admission.next(from: listener.descriptor) {
        case .connection(let slot):
            slot.flags.formUnion(listener.flags.intersection(.administration))
            let target = Admission.leastBusy(loop)
            guard target !== worker else {
                slot.workerIndex = worker.index
                return .mine(slot)
            }
            Admission.hand(slot, to: target)
            return .handedOver
        case .noneWaiting: return .none
        case .noRoom:
            // The listener stays ready, and would be reported over and over.
            worker.unwatch(listener)
            worker.setDeadline(listener, after: Config.acceptRetryTime)
            return .none
        }
    }

    /// What came of one try.
    enum Next {
        case mine(Slot)
        case handedOver
        case none
    }

    /// The moment has passed.
    func resume(_ listener: Slot) {
        do throws(Errno) {
            try worker.watch(listener, exclusive: true)
        } catch {
            worker.setDeadline(listener, after: Config.acceptRetryTime)
        }
    }

    /// Takes the last listener out; nil if there is none.
    mutating func removeLast() -> Slot? {
        guard count > 0 else { return nil }
        count -= 1
        return listeners[count].take()
    }

    /// Closes a listener that was taken out.
    func close(_ listener: Slot) {
        worker.forget(listener)
        listener.descriptor.close()
    }
}

/// Accepting, on a worker or on the acceptor's thread, within limits that stop it before something fails. The kernel
/// queues connections meanwhile.
struct Admission {
    /// What came of one try.
    enum Outcome {
        /// A connection has come, and has a slot.
        case connection(Slot)
        /// No connection waits.
        case noneWaiting
        /// A limit allows no connection now.
        case noRoom
    }

    /// Most connections at a time, for the whole process. Relaxed: one more or less at the moment of a change is no
    /// matter.
    static let maxConnections = Atomic<Int>(Config.maxConnections)
    /// How many connections lie in workers' inboxes, where they are not counted yet. Relaxed: as ``maxConnections``.
    static let underway = Atomic<Int>(0)
    /// Whether the log said that accepting has paused.
    private(set) var isPaused = false

    /// Accepts a connection from `listener`, and logs its peer's address, or why none is taken.
    @inline(never)
    mutating func next(from listener: FileDescriptor) -> Outcome {
        if let obstacle { return pause(obstacle.bytes) }
        var peer = SocketAddress()
        do throws(Errno) {
            guard let descriptor = try listener.accept(peer: &peer) else { return .noneWaiting }
            guard let slot = DescriptorTable.open(descriptor) else {
                descriptor.close()
                throw .tooManyOpenFiles
            }
            Self.report(descriptor, from: peer)
            if isPaused {
                isPaused = false
                Log.write(event: .acceptResumed, level: .warning) { line in line.append(" resumed") }
            }
            return .connection(slot)
        } catch {
            return pause(error.name)
        }
    }

    /// Why no connection can be taken now; nil if one can.
    private var obstacle: StaticString? {
        var open = Self.underway.load(ordering: .relaxed)
        ConnectionLoop.forEach { loop in open += loop.openCount.value }
        if open >= Self.maxConnections.load(ordering: .relaxed) { return "max-connections" }
        if HeapBudget.isNearlySpent { return "heap-limit" }
        return nil
    }

    private mutating func pause(_ reason: borrowing Span<UInt8>) -> Outcome {
        if !isPaused {
            isPaused = true
            Log.write(event: .acceptPaused, level: .warning) { line in
                line.append(" paused reason=")
                line.append(reason)
            }
        }
        return .noRoom
    }

    private static func report(_ descriptor: FileDescriptor, from peer: SocketAddress) {
        Log.write(.accept) { line in
            line.append(" fd=", Int(descriptor.rawValue))
            line.append(" peer=")
            peer.write(into: &line)
        }
    }

    /// Gives a connection to another thread's worker, which is to call ``arrived()``.
    static func hand(_ slot: Slot, to worker: Worker) {
        underway.add(1, ordering: .relaxed)
        unsafe Scheduler.send(slot, to: worker)
    }

    /// A connection that was handed over is counted by its worker.
    static func arrived() { underway.subtract(1, ordering: .relaxed) }

    /// The worker with the fewest connections, of those that turn, if `loop` has clearly more; else its own.
    static func leastBusy(_ loop: ConnectionLoop) -> Worker {
        let own = loop.openCount.value
        let now = loop.worker.now
        var (best, least) = (loop.worker.index, own)
        ConnectionLoop.forEach { other in
            let open = other.openCount.value
            if open < least, other.worker.isTurning(at: now) { (best, least) = (other.worker.index, open) }
        }
        return own > least + least / 8 + 2 ? Scheduler.worker(best) : loop.worker
    }
}

extension ConnectionSettings {
    /// Makes ``maxConnections`` the limit of the whole process. Any thread.
    package func apply() {
        // Relaxed: the limit orders nothing else; an acceptor may see it one connection later.
        Admission.maxConnections.store(maxConnections, ordering: .relaxed)
    }
}
