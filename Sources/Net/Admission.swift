// Sources/Net/Admission.swift — who is let in, and when nobody is.

import Bytes
import Linux
import Logging
import Primitives
import Runtime
import Synchronization

/// Accepting, on whichever thread does it, within limits that stop it before something fails. The kernel queues
/// connections meanwhile.
struct Admission {
    /// What came of one try.
    @safe enum Outcome {
        /// A connection has come, and has a slot.
        case connection(Slot)
        /// None waits.
        case nobody
        /// None can be taken now.
        case noRoom
    }

    /// Most connections at a time, for the whole process. Relaxed: one more or less at the moment of a change is no
    /// matter.
    static let maxConnections = Atomic<Int>(Config.maxConnections)
    /// How many connections lie in workers' inboxes, where they are not counted yet. Relaxed: as ``maxConnections``.
    static let underway = Atomic<Int>(0)
    /// Whether the log said that accepting has paused.
    private(set) var isPaused = false

    /// Accepts a connection from `listener`, and says in the log who it is, or why none is taken.
    @inline(never)
    mutating func next(from listener: FileDescriptor) -> Outcome {
        if let obstacle { return pause(obstacle.bytes) }
        var peer = SocketAddress()
        do throws(Errno) {
            guard let descriptor = try listener.accept(peer: &peer) else { return .nobody }
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
        for index in 0..<Scheduler.workerCount { open += Scheduler.worker(index).metrics.connectionsOpen.value }
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

    /// The number of the worker with the fewest connections, if `worker` has clearly more; else its own.
    static func leastBusy(_ worker: Worker) -> Int {
        let own = worker.metrics.connectionsOpen.value
        var best = worker.index
        var least = own
        for index in 0..<Scheduler.workerCount {
            let open = Scheduler.worker(index).metrics.connectionsOpen.value
            if open < least {
                best = index
                least = open
            }
        }
        return own > least + least / 8 + 2 ? best : worker.index
    }
}
