// Sources/Net/Admission.swift — whether another connection can be taken.

import Linux
import Primitives
import Runtime
import Utilities

/// Limits that stop accepting before something fails. The kernel queues connections meanwhile.
enum Admission {
    /// Why no connection can be taken now; nil if one can.
    static func obstacle(_ settings: ConnectionSettings) -> StaticString? {
        var open = 0
        for index in 0..<Scheduler.workerCount { open += Scheduler.worker(index).metrics.connectionsOpen.value }
        if open >= settings.maxConnections { return "max-connections" }
        if HeapBudget.mappedBytes / 16 * 16 >= HeapBudget.limit / 16 * Config.acceptHeapShare { return "heap-limit" }
        return nil
    }

    /// The worker with the fewest connections, if `worker` has clearly more; else `worker`.
    static func leastBusy(_ worker: Worker) -> Worker {
        let own = worker.metrics.connectionsOpen.value
        var best = worker
        var least = own
        for index in 0..<Scheduler.workerCount {
            let other = Scheduler.worker(index)
            let open = other.metrics.connectionsOpen.value
            if open < least {
                best = other
                least = open
            }
        }
        return own > least + least / 8 + 2 ? best : worker
    }

    /// Says in the log that accepting has paused, and why.
    static func reportPause(_ reason: borrowing Span<UInt8>) {
        Log.write(.accept, level: .warning) { line in
            line.append(" paused reason=")
            line.append(reason)
        }
    }

    /// Says in the log that accepting goes on.
    static func reportResumption() {
        Log.write(.accept, level: .warning) { line in line.append(" resumed") }
    }

    /// Says in the log who has come.
    @inline(__always)
    static func reportConnection(_ descriptor: FileDescriptor, from peer: SocketAddress) {
        Log.write(.accept) { line in
            line.append(" fd=", Int(descriptor.rawValue))
            line.append(" peer=")
            peer.write(into: &line)
        }
    }
}
