// Sources/Net/ConnectionService+Draining.swift — the end of all connections, in good order.

import Bytes
import Primitives
import Runtime
import Synchronization

/// What the services of all workers tell each other.
private enum Message {
    static var stopAccepting: UInt { 0 }
    static var drain: UInt { 1 }
    static var reconfigure: UInt { 2 }
}

/// The order to end comes in two steps, because workers hand new connections to each other: only when none accepts any
/// more, and all that were handed over lie in their new workers' inboxes, does a worker that has no connection stop.
///
///     control thread ── stopAccepting ──▶ every worker ── the last one: drain ──▶ every worker ── no connection: stops
extension ConnectionService {
    /// Has all workers drain their connections. Any thread, once for each service.
    public func requestDrain() { Scheduler.send(Message.stopAccepting, to: worker) }

    /// Has ``reconfigured`` called on the worker's thread. Any thread.
    public func requestReconfiguration() { Scheduler.send(Message.reconfigure, to: worker) }

    /// Does what another thread has asked for.
    func handle(_ message: UInt) {
        if message == Message.reconfigure { return reconfigured() }
        guard message == Message.stopAccepting else { return drain() }
        stopAccepting()
        // Acquiring and releasing: whoever is last has seen what all others sent before.
        guard Self.accepting.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        for index in 0..<Scheduler.workerCount {
            Scheduler.send(Message.drain, to: Scheduler.worker(index))
        }
    }

    /// Closes idle connections, and has the worker stop when the last one is done.
    private func drain() {
        isDraining = true
        spreadEnd = worker.now + UInt64(settings.closeSpread)
        let count = Swift.max(worker.metrics.webSocketsOpen.value, 1)
        var turn = 0
        DescriptorTable.forEachOpen(of: worker) { slot in
            if slot.flags.contains(.managesLifetime) {
                // The first at once, the others one after the other.
                let delay = settings.closeSpread * turn / count
                turn += 1
                if delay == 0 { deliver(slot, .draining) } else { setDeadline(slot, after: delay) }
            } else if isQuiet(slot) {
                // A request may be there that nobody has looked at; else this closes the connection.
                serve(slot)
            } else if slot.phase == .fresh || slot.phase == .freshWaitingForMemory {
                // Its first request is on the way, as a rule.
                setDeadline(slot, after: Config.freshTimeout)
            }
        }
        finishEvent()
        stopIfDrained()
    }

    /// Milliseconds until attended connections are to end; nil if the process does not.
    var drainDelay: Int? {
        guard isDraining else { return nil }
        return worker.now >= spreadEnd ? 0 : Int(spreadEnd - worker.now)
    }

    /// Whether nothing is under way on the connection.
    func isQuiet(_ slot: Slot) -> Bool {
        (slot.phase == .idle || slot.phase == .waitingForMemory) && slot.input == nil && slot.output == nil
            && !slot.flags.contains(.managesLifetime)
    }

    func stopIfDrained() {
        if worker.metrics.connectionsOpen.value == 0 { worker.stop() }
    }
}
