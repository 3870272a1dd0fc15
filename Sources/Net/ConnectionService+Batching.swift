// Sources/Net/ConnectionService+Batching.swift — one system call for the transfers of all connections that are ready.

import Bytes
import Linux
import Primitives
import Runtime

/// While a worker serves events that came together, what is answered at once is not sent at once: it waits for the
/// other events' answers. And what the next events bring is received before the first of them is served.
///
///     ┌──▶ up to 32 events ─▶ what they bring is asked for ─▶ submit ─▶ each is served ─▶ what it sends is noted ─┐
///     └───────────────────────────────────────────────────────────────────────────────────────────────────────────┘
///                                                                           after the last event: submit
///
/// So 64 requests on as many connections take an epoll_wait and three io_uring_enter, not 128 system calls more. The
/// batch also leaves when it is full, before a task runs (it may take its time), and before anything else happens to
/// one of its connections (``DescriptorState/batched``): nobody can see that it was late.
extension ConnectionService {
    // MARK: Receiving

    /// An event is served soon, at `position` among those that are: what it brings may be received with the others'.
    func expect(_ slot: SlotPointer, _ readiness: Readiness, at position: Int) {
        if unsafe isServedAlone(slot, readiness) {
            batch?.skip(position)
        } else {
            unsafe batch?.expect(slot, at: position)
        }
    }

    /// Whether the event may be about something else than a short request to a connection that nobody serves.
    @inline(__always)
    private func isServedAlone(_ slot: SlotPointer, _ readiness: Readiness) -> Bool {
        let troubles: Readiness = [.error, .hangUp, .notOpen, .peerClosed]
        let others: DescriptorState = [.peerClosed, .closing, .lingering, .paused, .unsendable, .verbose]
        let state = unsafe slot.pointee.state
        let isBusy = unsafe slot.pointee.server != nil || slot.pointee.output != nil || slot.pointee.input != nil
        return isBusy || !readiness.contains(.readable) || !readiness.isDisjoint(with: troubles)
            || !state.contains(.connection) || !state.isDisjoint(with: others) || HeapBudget.isNearlySpent
    }

    /// Looks whether something was received for the event that is served now.
    @inline(__always)
    func lookForReceived(_ slot: SlotPointer) {
        guard worker.isCrowded, let batch, unsafe batch.hasReceived(slot, at: worker.position) else { return }
        unsafe receivedAhead = slot
    }

    /// Takes what was received with others' for the slot ``receivedAhead``, as if it were received now.
    @inline(never)
    func takeReceived(into buffer: UnsafeMutablePointer<UInt8>) throws(Errno) -> Received {
        unsafe receivedAhead = nil
        guard let found = unsafe try batch?.received(at: worker.position) else { return .wouldBlock }
        guard case .bytes(let count) = unsafe found.received else { return unsafe found.received }
        // SAFETY: there is room for `Config.receiveBufferSize`, but for what was kept, and then nothing was asked for.
        unsafe UnsafeMutableRawPointer(buffer).copyMemory(from: found.bytes, byteCount: count)
        return .bytes(count)
    }

    /// There was no buffer to serve what was received with others': it stays with the slot, like the rest of a request.
    @inline(never)
    func keepReceived() {
        guard let slot = unsafe receivedAhead else { return }
        unsafe receivedAhead = nil
        guard unsafe slot.pointee.state.contains(.open) else { return }
        do throws(Errno) {
            guard let found = unsafe try batch?.received(at: worker.position),
                case .bytes(let count) = unsafe found.received
            else { return }
            guard let block = unsafe ByteBlock(copying: found.bytes, count: count) else { throw .noMemory }
            unsafe slot.pointee.input = block.pointer
        } catch {
            unsafe close(slot)
        }
    }

    // MARK: Sending

    /// Adds what is in `output` to the batch. Only for a connection that is served without a task.
    ///
    /// - Returns: false: it has to be sent alone.
    @inline(__always)
    func addToBatch(_ slot: SlotPointer) -> Bool {
        guard worker.isCrowded, let batch, !isDraining else { return false }
        return unsafe add(slot, to: batch)
    }

    @inline(never)
    private func add(_ slot: SlotPointer, to batch: TransferBatch) -> Bool {
        guard unsafe slot.pointee.output == nil, unsafe slot.pointee.state.isDisjoint(with: [.batched, .unsendable])
        else { return false }
        let pieces = unsafe gatherList.all(of: output)
        guard pieces.count > 0 else { return true }
        unsafe batch.add(slot, pieces)
        gatherList.removeAll()
        unsafe slot.pointee.state.insert(.batched)
        // What is served next writes behind it.
        unsafe moveOutput(to: output.base + output.count)
        let isFull = unsafe output.base - outputStart > Config.sendBatchSize
        if isFull || batch.sendCount == Config.transfersPerBatch { submit(batch) }
        return true
    }

    /// Sends what waits in the batch.
    @inline(__always)
    func sendBatch() {
        if let batch, batch.sendCount > 0 { submit(batch) }
    }

    /// Sends and receives what was added to the batch.
    @inline(never)
    func submit(_ batch: TransferBatch) {
        unsafe batch.submit { entry, sent in
            let slot = unsafe entry.slot
            unsafe slot.pointee.state.remove(.batched)
            if let sent {
                let count = unsafe Self.count(of: entry.pieces)
                unsafe note(slot, sent: sent, of: count)
                guard sent < count else { return }
                do throws(ConnectionError) {
                    unsafe try keepUnsent(slot, entry.pieces, sent: sent)
                    return unsafe awaitReading(slot)
                } catch {
                    // What the peer gets would have a hole.
                }
            }
            // Somebody else is being served: the reactor reports this one again, and then it is dealt with.
            unsafe slot.pointee.state.insert(.unsendable)
            unsafe worker.rearm(slot)
        }
        if output.count == 0 && gatherList.isEmpty { unsafe moveOutput(to: outputStart) }
    }

    /// Has the output begin at `start`, of which nothing is written yet.
    private func moveOutput(to start: UnsafeMutablePointer<UInt8>) {
        // SAFETY: `start` is at most `Config.sendBatchSize` behind the mapping's, which has room for both sizes.
        unsafe output = ByteWriter(unsafeBase: start, capacity: Config.sendBufferSize)
    }
}
