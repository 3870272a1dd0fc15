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
/// one of its connections (``DescriptorFlags/batched``): nobody can see that it was late.
extension ConnectionService {
    // MARK: Receiving

    /// An event is served soon, at `position` among those that are: what it brings may be received with the others'.
    func expect(_ slot: Slot, _ readiness: Readiness, at position: Int) {
        if isServedAlone(slot, readiness) {
            batch?.skip(position)
        } else {
            batch?.expect(slot, at: position)
        }
    }

    /// Whether the event may be about something else than a short request to a connection that nobody serves.
    @inline(__always)
    private func isServedAlone(_ slot: Slot, _ readiness: Readiness) -> Bool {
        let troubles: Readiness = [.error, .hangUp, .notOpen, .peerClosed]
        let others: DescriptorFlags = [.peerClosed, .unsendable, .verbose]
        let isAtRest = slot.phase == .idle || slot.phase == .fresh
        let isBusy = slot.output != nil || slot.input != nil
        return isBusy || !readiness.contains(.readable) || !readiness.isDisjoint(with: troubles)
            || !isAtRest || !slot.flags.isDisjoint(with: others) || HeapBudget.isNearlySpent
    }

    /// Looks whether something was received for the event that is served now.
    @inline(__always)
    func lookForReceived(_ slot: Slot) {
        guard worker.isCrowded, let batch, batch.hasReceived(slot, at: worker.position) else { return }
        receivedAhead = slot
    }

    /// Takes what was received with others' for the slot ``receivedAhead``, as if it were received now.
    @inline(never)
    func takeReceived(into buffer: UnsafeMutablePointer<UInt8>) throws(Errno) -> Received {
        receivedAhead = nil
        guard let found = unsafe try batch?.received(at: worker.position) else { return .wouldBlock }
        guard case .bytes(let count) = unsafe found.received else { return unsafe found.received }
        // SAFETY: there is room for `Config.receiveBufferSize`, but for what was kept, and then nothing was asked for.
        unsafe UnsafeMutableRawPointer(buffer).copyMemory(from: found.bytes, byteCount: count)
        return .bytes(count)
    }

    /// There was no buffer to serve what was received with others': it stays with the slot, like the rest of a request.
    @inline(never)
    func keepReceived() {
        guard let slot = receivedAhead else { return }
        receivedAhead = nil
        guard slot.isOpen else { return }
        do throws(Errno) {
            guard let found = unsafe try batch?.received(at: worker.position),
                case .bytes(let count) = unsafe found.received
            else { return }
            // SAFETY: so many bytes were received there.
            slot.input = unsafe ByteBlock(copying: Span(_unsafeStart: found.bytes, count: count))
            if slot.input == nil { throw .noMemory }
        } catch {
            close(slot)
        }
    }

    // MARK: Sending

    /// Adds what is in `output` to the batch. Only for a connection that is served without a task.
    ///
    /// - Returns: false: it has to be sent alone.
    @inline(__always)
    func addToBatch(_ slot: Slot) -> Bool {
        guard worker.isCrowded, let batch, !isDraining else { return false }
        return add(slot, to: batch)
    }

    @inline(never)
    private func add(_ slot: Slot, to batch: TransferBatch) -> Bool {
        guard slot.output == nil, slot.flags.isDisjoint(with: [.batched, .unsendable])
        else { return false }
        let pieces = unsafe gatherList.all(of: output)
        guard pieces.count > 0 else { return true }
        unsafe batch.add(slot, pieces)
        gatherList.removeAll()
        slot.flags.insert(.batched)
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
            slot.flags.remove(.batched)
            if let sent {
                let count = unsafe Self.count(of: entry.pieces)
                note(slot, sent: sent, of: count)
                guard sent < count else { return }
                do throws(ConnectionError) {
                    unsafe try keepUnsent(slot, entry.pieces, sent: sent)
                    return awaitReading(slot)
                } catch {
                    // What the peer gets would have a hole.
                }
            }
            // Somebody else is being served: the reactor reports this one again, and then it is dealt with.
            slot.flags.insert(.unsendable)
            worker.rearm(slot)
        }
        if output.count == 0 && gatherList.isEmpty { unsafe moveOutput(to: outputStart) }
    }

    /// Has the output begin at `start`, of which nothing is written yet.
    private func moveOutput(to start: UnsafeMutablePointer<UInt8>) {
        // SAFETY: `start` is at most `Config.sendBatchSize` behind the mapping's, which has room for both sizes.
        unsafe output = ByteWriter(unsafeBase: start, capacity: Config.sendBufferSize)
    }
}
