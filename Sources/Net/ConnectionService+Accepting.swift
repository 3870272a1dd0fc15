// Sources/Net/ConnectionService+Accepting.swift — accepting on the workers themselves.

import Bytes
import Linux
import Primitives
import Runtime

/// What a worker accepts from.
@safe struct Listeners {
    /// Slots of this worker's own duplicates of the listeners' descriptors.
    fileprivate var slots: [128 of Slot?] = .init(repeating: nil)
    fileprivate var count = 0

    init() { precondition(slots.count == Config.maxListeners) }
}

extension ConnectionService {
    /// Accepts from `listener` on this worker, beside other workers that may do the same. Before the worker runs.
    ///
    /// - Throws: what dup(2) and the reactor say.
    public func accept(from listener: Listener) throws(Errno) {
        // A descriptor of its own: slots belong to one worker.
        let own = try listener.descriptor.duplicate()
        guard listeners.count < Config.maxListeners,
            let slot = DescriptorTable.open(own.descriptor, as: .listening)
        else { throw .tooManyOpenFiles }
        try own.descriptor.setNonBlocking()
        _ = own.release()
        if listener.role == .administration { slot.flags.insert(.administration) }
        listeners.slots[listeners.count] = slot
        listeners.count += 1
        try worker.watch(slot, exclusive: true)
    }

    /// A listener is ready: it is reported again if more connections come meanwhile.
    func accept(_ listener: Slot) {
        let waiting = listener.descriptor.waitingConnections() ?? Config.acceptsPerTurn
        for _ in 0..<Swift.min(waiting, Config.acceptsPerTurn) where !acceptOne(listener) { return }
    }

    /// Accepts a connection and serves it, or gives it to a worker that has fewer. False if there is none, or no room.
    func acceptOne(_ listener: Slot) -> Bool {
        switch admission.next(from: listener.descriptor) {
        case .connection(let slot):
            slot.flags.formUnion(listener.flags.intersection(.administration))
            let target = Admission.leastBusy(worker)
            if target == worker.index {
                slot.workerIndex = target
                adopt(slot)
            } else {
                Admission.hand(slot, to: Scheduler.worker(target))
            }
            return true
        case .nobody: return false
        case .noRoom:
            // Looks away for a moment: the listener stays ready, and would be reported over and over.
            worker.unwatch(listener)
            setDeadline(listener, after: Config.acceptRetryTime)
            return false
        }
    }

    /// The moment has passed.
    func resumeAccepting(_ listener: Slot) {
        do throws(Errno) {
            try worker.watch(listener, exclusive: true)
        } catch {
            setDeadline(listener, after: Config.acceptRetryTime)
        }
    }

    /// Accepts what waits in the kernel's queue, but no more than fits into it: others come as fast as these are
    /// served. Then never again.
    func stopAccepting() {
        for index in 0..<listeners.count {
            guard let listener = listeners.slots[index] else { continue }
            for _ in 0..<Config.listenBacklog where !acceptOne(listener) { break }
            worker.forget(listener)
            listener.descriptor.close()
        }
        listeners.count = 0
    }
}
