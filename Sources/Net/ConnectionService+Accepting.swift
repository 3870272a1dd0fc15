// Sources/Net/ConnectionService+Accepting.swift — accepting on the workers themselves.

import Linux
import Runtime
import Utilities

/// What a worker accepts from.
@safe struct Listeners {
    /// Slots of this worker's own duplicates of the listeners' descriptors.
    fileprivate var slots: [16 of SlotPointer?] = unsafe .init(repeating: nil)
    fileprivate var count = 0
    /// Whether the log said that accepting has paused.
    fileprivate var isPaused = false
}

extension ConnectionService {
    /// Accepts from `listener` on this worker, beside other workers that may do the same. Before the worker runs.
    ///
    /// - Throws: what dup(2) and the reactor say.
    public func accept(from listener: Listener) throws(Errno) {
        // A descriptor of its own: slots belong to one worker.
        let own = try listener.descriptor.duplicate()
        guard listeners.count < 16, let slot = unsafe DescriptorTable.open(own.descriptor, state: .listener) else {
            throw .tooManyOpenFiles
        }
        try own.descriptor.setNonBlocking()
        _ = own.release()
        unsafe listeners.slots[listeners.count] = slot
        listeners.count += 1
        unsafe try worker.watch(slot, exclusive: true)
    }

    /// A listener is ready.
    func accept(_ listener: SlotPointer) {
        for _ in 0..<Config.acceptsPerTurn where unsafe !acceptOne(listener) { return }
    }

    /// Accepts a connection and serves it, or gives it to a worker that has fewer. False if there is none, or no room.
    func acceptOne(_ listener: SlotPointer) -> Bool {
        if let obstacle = Admission.obstacle(settings) {
            unsafe pause(listener, obstacle.bytes)
            return false
        }
        var peer = SocketAddress()
        do throws(Errno) {
            guard let descriptor = try unsafe DescriptorTable.descriptor(listener).accept(peer: &peer) else {
                return false
            }
            guard let slot = unsafe DescriptorTable.open(descriptor) else {
                descriptor.close()
                throw .tooManyOpenFiles
            }
            Admission.reportConnection(descriptor, from: peer)
            let target = Admission.leastBusy(worker)
            if target === worker {
                unsafe slot.pointee.worker = UInt16(truncatingIfNeeded: worker.index)
                unsafe adopt(slot)
            } else {
                unsafe Scheduler.send(slot, to: target)
            }
            if listeners.isPaused {
                listeners.isPaused = false
                Admission.reportResumption()
            }
            return true
        } catch {
            unsafe pause(listener, error.name)
            return false
        }
    }

    /// Looks away from the listener for a moment: it stays ready, and would be reported over and over.
    func pause(_ listener: SlotPointer, _ reason: borrowing Span<UInt8>) {
        if !listeners.isPaused {
            listeners.isPaused = true
            Admission.reportPause(reason)
        }
        unsafe worker.unwatch(listener)
        unsafe worker.setDeadline(listener, after: Config.acceptRetryTime)
    }

    /// The moment has passed.
    func resumeAccepting(_ listener: SlotPointer) {
        do throws(Errno) {
            unsafe try worker.watch(listener, exclusive: true)
        } catch {
            unsafe worker.setDeadline(listener, after: Config.acceptRetryTime)
        }
    }

    /// Accepts what waits in the kernel's queue, then never again.
    func stopAccepting() {
        for index in 0..<listeners.count {
            guard let listener = unsafe listeners.slots[index] else { continue }
            while unsafe acceptOne(listener) {}
            unsafe worker.forget(listener)
            unsafe DescriptorTable.descriptor(listener).close()
        }
        listeners.count = 0
    }
}
