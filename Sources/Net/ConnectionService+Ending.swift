// Sources/Net/ConnectionService+Ending.swift — what becomes of a connection when it has been served.

import Bytes
import Linux
import Logging
import Primitives
import Runtime

extension ConnectionService {
    /// Nobody serves the connection from here on: it is watched, and its deadline is the protocol's or the writing's.
    func idle(_ slot: SlotPointer) {
        if unsafe slot.pointee.output != nil { unsafe awaitReading(slot) }
        if unsafe !slot.pointee.state.contains(.registered) {
            unsafe watch(slot)
        } else if unsafe slot.pointee.state.contains(.readable) && slot.pointee.output == nil {
            unsafe slot.pointee.state.remove(.readable)
            unsafe worker.rearm(slot)
        } else {
            unsafe worker.update(slot)
        }
        guard isDraining else { return }
        if unsafe isQuiet(slot) {
            unsafe close(slot)
        } else if unsafe slot.pointee.state.contains(.fresh) {
            unsafe setDeadline(slot, after: Config.freshTimeout)
        }
    }

    /// Has the protocol told of the connection's deadline, drain and end, or not.
    func attend(_ slot: SlotPointer, _ managesLifetime: Bool) {
        guard unsafe slot.pointee.state.contains(.managesLifetime) != managesLifetime else { return }
        unsafe slot.pointee.state.formSymmetricDifference(.managesLifetime)
        worker.metrics.webSocketsOpen.add(managesLifetime ? 1 : -1)
    }

    /// The heap's limit is reached: the bytes stay in the kernel, and are tried again.
    func waitForMemory(_ slot: SlotPointer) {
        if unsafe !slot.pointee.state.contains(.registered) {
            unsafe watch(slot)
            guard unsafe slot.pointee.state.contains(.open) else { return }
        }
        unsafe slot.pointee.state.insert(.paused)
        unsafe setDeadline(slot, after: Config.acceptRetryTime)
    }

    /// New connections, and handlers that suspend before their connection was ever idle, come to the reactor here. If
    /// it has no room, the connection is at its end.
    func watch(_ slot: SlotPointer) {
        // Whatever is there already is reported when the reactor hears of the descriptor.
        unsafe slot.pointee.state.remove(.readable)
        do throws(Errno) {
            unsafe try worker.watch(slot)
        } catch {
            unsafe failed(slot, .broken)
        }
    }

    /// Ends the connection when its output is sent.
    func end(_ slot: SlotPointer, lingering: Bool) {
        if unsafe slot.pointee.state.contains(.batched) { sendBatch() }
        unsafe slot.pointee.state.insert(lingering ? [.closing, .lingering] : .closing)
        unsafe dropRest(of: slot)
        if unsafe slot.pointee.output != nil {
            unsafe idle(slot)
        } else if lingering {
            unsafe linger(slot)
        } else {
            unsafe close(slot)
        }
    }

    /// All is sent: the peer is told that there is no more, and has some time to end its direction too.
    func linger(_ slot: SlotPointer) {
        do throws(Errno) {
            unsafe try DescriptorTable.descriptor(slot).shutdownSending()
        } catch {
            return unsafe close(slot)
        }
        unsafe setDeadline(slot, after: settings.lingerTimeout)
        if unsafe slot.pointee.state.contains(.readable) { unsafe discard(slot) }
        if unsafe slot.pointee.state.contains(.open), unsafe !slot.pointee.state.contains(.registered) {
            unsafe watch(slot)
        }
    }

    /// Throws away what the peer sends, until it ends.
    func discard(_ slot: SlotPointer) {
        guard let buffer = unsafe takeBuffer() else { return unsafe close(slot) }
        defer { unsafe buffers.giveBack(buffer) }
        do throws(ConnectionError) {
            for _ in 0..<Config.readsPerServing {
                switch unsafe try receive(slot, into: buffer, room: Config.receiveBufferSize) {
                case .bytes: if unsafe !slot.pointee.state.contains(.readable) { return }
                case .wouldBlock: return
                case .end: return unsafe close(slot)
                }
            }
            unsafe idle(slot)
        } catch {
            unsafe close(slot)
        }
    }

    /// Ends the connection, which nobody serves. The descriptor itself is closed when the event or the task that led
    /// here is over: until then the slot is still ours, and says that it is not open.
    func close(_ slot: SlotPointer) {
        if unsafe slot.pointee.state.contains(.batched) { sendBatch() }
        unsafe dropRest(of: slot)
        unsafe dropWaiting(of: slot)
        unsafe attend(slot, false)
        unsafe worker.forget(slot)
        finishClosing()
        unsafe slotToClose = slot
        worker.metrics.connectionsOpen.add(-1)
        if isDraining { stopIfDrained() }
    }

    /// Forgets the output that the kernel did not take.
    func dropWaiting(of slot: SlotPointer) {
        guard let pointer = unsafe slot.pointee.output else { return }
        unsafe ByteBlock(pointer).free()
        unsafe slot.pointee.output = nil
    }

    /// Closes the descriptor that ``close(_:)`` was called for. Its slot is not ours afterwards.
    @inline(__always)
    func finishClosing() {
        guard let slot = unsafe slotToClose else { return }
        unsafe slotToClose = nil
        unsafe DescriptorTable.descriptor(slot).close()
    }

    func report(_ slot: SlotPointer, _ reason: StaticString) {
        Log.write(.close, level: .debug) { line in
            line.append(" fd=", Int(unsafe DescriptorTable.descriptor(slot).rawValue))
            line.append(" reason=", reason)
        }
    }
}
