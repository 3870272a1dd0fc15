// Sources/Net/ConnectionService+Ending.swift — what becomes of a connection when it has been served.

import Bytes
import Linux
import Logging
import Primitives
import Runtime

extension ConnectionService {
    /// Nobody serves the connection from here on: it is watched, and its deadline is the protocol's or the writing's.
    func idle(_ slot: Slot) {
        if slot.output != nil { awaitReading(slot) }
        if !slot.flags.contains(.watched) {
            watch(slot)
        } else if slot.flags.contains(.readable) && slot.output == nil {
            slot.flags.remove(.readable)
            worker.rearm(slot)
        } else {
            worker.update(slot)
        }
        guard isDraining else { return }
        if isQuiet(slot) {
            close(slot)
        } else if slot.phase == .fresh {
            setDeadline(slot, after: Config.freshTimeout)
        }
    }

    /// Has the protocol told of the connection's deadline, drain and end, or not.
    func attend(_ slot: Slot, _ managesLifetime: Bool) {
        guard slot.flags.contains(.managesLifetime) != managesLifetime else { return }
        slot.flags.formSymmetricDifference(.managesLifetime)
        worker.metrics.webSocketsOpen.add(managesLifetime ? 1 : -1)
    }

    /// The heap's limit is reached: the bytes stay in the kernel, and are tried again.
    func waitForMemory(_ slot: Slot) {
        if !slot.flags.contains(.watched) {
            watch(slot)
            guard slot.isOpen else { return }
        }
        if !slot.phase.isWaitingForMemory {
            slot.transition(to: slot.phase == .fresh ? .freshWaitingForMemory : .waitingForMemory)
        }
        setDeadline(slot, after: Config.acceptRetryTime)
    }

    /// New connections, and handlers that suspend before their connection was ever idle, come to the reactor here. If
    /// it has no room, the connection is at its end.
    func watch(_ slot: Slot) {
        // Whatever is there already is reported when the reactor hears of the descriptor.
        slot.flags.remove(.readable)
        do throws(Errno) {
            try worker.watch(slot)
        } catch {
            failed(slot, .broken)
        }
    }

    /// Ends the connection when its output is sent.
    func end(_ slot: Slot, lingering: Bool) {
        if slot.flags.contains(.batched) { sendBatch() }
        dropRest(of: slot)
        if slot.output != nil {
            slot.transition(to: lingering ? .flushingBeforeLinger : .flushing)
            idle(slot)
        } else if lingering {
            linger(slot)
        } else {
            close(slot)
        }
    }

    /// All is sent: the peer is told that there is no more, and has some time to end its direction too.
    func linger(_ slot: Slot) {
        slot.transition(to: .lingering)
        do throws(Errno) {
            try slot.descriptor.shutdownSending()
        } catch {
            return close(slot)
        }
        setDeadline(slot, after: settings.lingerTimeout)
        if slot.flags.contains(.readable) { discard(slot) }
        if slot.isOpen, !slot.flags.contains(.watched) {
            watch(slot)
        }
    }

    /// Throws away what the peer sends, until it ends.
    func discard(_ slot: Slot) {
        guard let buffer = unsafe takeBuffer() else { return close(slot) }
        defer { unsafe buffers.giveBack(buffer) }
        do throws(ConnectionError) {
            for _ in 0..<Config.readsPerServing {
                switch unsafe try receive(slot, into: buffer, room: Config.receiveBufferSize) {
                case .bytes: if !slot.flags.contains(.readable) { return }
                case .wouldBlock: return
                case .end: return close(slot)
                }
            }
            idle(slot)
        } catch {
            close(slot)
        }
    }

    /// Ends the connection, which nobody serves. The descriptor itself is closed when the event or the task that led
    /// here is over: until then the slot is still ours, and says that it is not open.
    func close(_ slot: Slot) {
        if slot.flags.contains(.batched) { sendBatch() }
        dropRest(of: slot)
        dropWaiting(of: slot)
        attend(slot, false)
        worker.forget(slot)
        finishClosing()
        slotToClose = slot
        worker.metrics.connectionsOpen.add(-1)
        if isDraining { stopIfDrained() }
    }

    /// Forgets the output that the kernel did not take.
    func dropWaiting(of slot: Slot) {
        slot.output = nil
    }

    /// Closes the descriptor that ``close(_:)`` was called for. Its slot is not ours afterwards.
    @inline(__always)
    func finishClosing() {
        guard let slot = slotToClose else { return }
        slotToClose = nil
        slot.descriptor.close()
    }

    func report(_ slot: Slot, _ reason: StaticString) {
        Log.write(.close, level: .debug) { line in
            line.append(" fd=", Int(slot.descriptor.rawValue))
            line.append(" reason=", reason)
        }
    }
}
