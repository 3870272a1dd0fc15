// Sources/Net/ConnectionService+Accepting.swift — accepting on the workers themselves.

import Bytes
import Linux
import Runtime

/// What a worker accepts from.
@safe struct Listeners {
    /// Slots of this worker's own duplicates of the listeners' descriptors.
    fileprivate var slots: [128 of SlotPointer?] = unsafe .init(repeating: nil)
    fileprivate var count = 0

    init() { precondition(unsafe slots.count == Config.maxListeners) }
}

extension ConnectionService {
    /// Accepts from `listener` on this worker, beside other workers that may do the same. Before the worker runs.
    ///
    /// - Throws: what dup(2) and the reactor say.
    public func accept(from listener: Listener) throws(Errno) {
        // A descriptor of its own: slots belong to one worker.
        let own = try listener.descriptor.duplicate()
        let state: DescriptorState = listener.role == .administration ? [.listener, .administration] : .listener
        guard listeners.count < Config.maxListeners,
            let slot = unsafe DescriptorTable.open(own.descriptor, state: state)
        else { throw .tooManyOpenFiles }
        try own.descriptor.setNonBlocking()
        _ = own.release()
        unsafe listeners.slots[listeners.count] = slot
        listeners.count += 1
        unsafe try worker.watch(slot, exclusive: true)
    }

    /// A listener is ready: it is reported again if more connections come meanwhile.
    func accept(_ listener: SlotPointer) {
        let waiting = unsafe DescriptorTable.descriptor(listener).waitingConnections() ?? Config.acceptsPerTurn
        for _ in 0..<Swift.min(waiting, Config.acceptsPerTurn) where unsafe !acceptOne(listener) { return }
    }

    /// Accepts a connection and serves it, or gives it to a worker that has fewer. False if there is none, or no room.
    func acceptOne(_ listener: SlotPointer) -> Bool {
        switch unsafe admission.next(from: DescriptorTable.descriptor(listener)) {
        case .connection(let slot):
            unsafe slot.pointee.state.formUnion(listener.pointee.state.intersection(.administration))
            let target = Admission.leastBusy(worker)
            if target == worker.index {
                unsafe slot.pointee.worker = UInt16(truncatingIfNeeded: target)
                unsafe adopt(slot)
            } else {
                unsafe Admission.hand(slot, to: Scheduler.worker(target))
            }
            return true
        case .nobody: return false
        case .noRoom:
            // Looks away for a moment: the listener stays ready, and would be reported over and over.
            unsafe worker.unwatch(listener)
            unsafe setDeadline(listener, after: Config.acceptRetryTime)
            return false
        }
    }

    /// The moment has passed.
    func resumeAccepting(_ listener: SlotPointer) {
        do throws(Errno) {
            unsafe try worker.watch(listener, exclusive: true)
        } catch {
            unsafe setDeadline(listener, after: Config.acceptRetryTime)
        }
    }

    /// Accepts what waits in the kernel's queue, but no more than fits into it: others come as fast as these are
    /// served. Then never again.
    func stopAccepting() {
        for index in 0..<listeners.count {
            guard let listener = unsafe listeners.slots[index] else { continue }
            for _ in 0..<Config.listenBacklog where unsafe !acceptOne(listener) { break }
            unsafe worker.forget(listener)
            unsafe DescriptorTable.descriptor(listener).close()
        }
        listeners.count = 0
    }
}
