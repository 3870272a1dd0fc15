// Sources/Net/ConnectionService+IO.swift — receiving and sending, and what that says of readiness.

import Bytes
import Linux
import Primitives
import Runtime

extension ConnectionService {
    /// Receives at most `room` bytes. A short read means that the socket is empty: there is no second one to learn
    /// that.
    func receive(
        _ slot: Slot, into buffer: UnsafeMutablePointer<UInt8>, room: Int
    ) throws(ConnectionError) -> Received {
        do throws(Errno) {
            var room = room
            let received: Received
            if slot == receivedAhead {
                room = Config.shortReceiveSize
                unsafe received = try takeReceived(into: buffer)
            } else {
                unsafe received = try slot.descriptor.receive(into: buffer, capacity: room)
            }
            switch received {
            case .bytes(let count):
                if count < Config.shortReceiveSize {
                    slot.flags.remove(.verbose)
                } else {
                    slot.flags.insert(.verbose)
                }
                // After the peer's end there is always one more thing to read: the end.
                if count < room, !slot.flags.contains(.peerClosed) {
                    slot.flags.remove(.readable)
                }
                worker.metrics.bytesReceived.add(count)
            case .end, .wouldBlock: slot.flags.remove(.readable)
            }
            return received
        } catch {
            throw .broken
        }
    }

    /// Sends what waits for the slot, then what is in `output`; what the kernel does not take waits.
    ///
    /// - Parameter more: whether more follows at once, so that the kernel holds back what fills no segment.
    /// - Returns: whether all was sent.
    @inline(__always)
    func send(_ slot: Slot, more: Bool = false) throws(ConnectionError) -> Bool {
        guard slot.output == nil, gatherList.isEmpty,
            slot.flags.isDisjoint(with: [.batched, .unsendable])
        else { return try sendPieces(slot, more) }
        let count = output.count
        guard count > 0 else { return true }
        let sent = unsafe try sendOnce(slot, output.base, count, more)
        if sent < count { unsafe try keepUnsent(slot, output.base + sent, count - sent) }
        output.removeAll()
        return sent == count
    }

    /// ``send(_:more:)`` where something waits already, here or in the batch, or where there are gatherList.
    @inline(never)
    private func sendPieces(_ slot: Slot, _ more: Bool) throws(ConnectionError) -> Bool {
        if slot.flags.contains(.batched) { sendBatch() }
        if slot.flags.contains(.unsendable) { throw .broken }
        let mayBeSent = try drainWaiting(slot)
        let pieces = unsafe gatherList.all(of: output)
        let sent = unsafe mayBeSent && pieces.count > 0 ? try sendOnce(slot, pieces, more) : 0
        unsafe try keepUnsent(slot, pieces, sent: sent)
        dropOutput()
        return slot.output == nil
    }

    /// ``send(_:more:)``, and then that there is no more: end and last response leave in one segment. To close the
    /// socket would do that too, but not if bytes have come that nobody has read: then it throws away what is held
    /// back.
    @inline(never)
    func sendLast(_ slot: Slot) throws(ConnectionError) -> Bool {
        guard output.count > 0 || !gatherList.isEmpty else { return try send(slot) }
        guard try send(slot, more: true) else { return false }
        do throws(Errno) {
            try slot.descriptor.shutdownSending()
            return true
        } catch {
            throw .broken
        }
    }

    /// Keeps a copy of what the kernel did not take, which took the first `sent` bytes.
    func keepUnsent(
        _ slot: Slot, _ pieces: UnsafeMutableBufferPointer<IOVector>, sent: Int
    ) throws(ConnectionError) {
        var sent = sent
        for index in pieces.indices {
            let (start, count) = unsafe (pieces[index].start, pieces[index].count)
            let gone = Swift.min(sent, count)
            sent -= gone
            if gone < count { unsafe try keepUnsent(slot, start + gone, count - gone) }
        }
    }

    /// Keeps a copy of bytes in one piece, behind what waits already.
    func keepUnsent(_ slot: Slot, _ bytes: UnsafePointer<UInt8>, _ count: Int) throws(ConnectionError) {
        // SAFETY: `count` bytes at `bytes` are to be sent.
        let more = unsafe Span(_unsafeStart: bytes, count: count)
        let block: ByteBlock?
        switch slot.output {
        case .none: block = ByteBlock(copying: more)
        case .some(let waiting): block = ByteBlock(copying: waiting.bytes, then: more)
        }
        guard block != nil else { throw .outOfMemory }
        slot.output = block
    }

    /// Forgets what was to be sent.
    func dropOutput() {
        output.removeAll()
        gatherList.removeAll()
    }

    /// Sends what waits, as far as the kernel takes it. Returns whether nothing waits any more.
    func drainWaiting(_ slot: Slot) throws(ConnectionError) -> Bool {
        guard slot.output != nil else { return true }
        guard slot.flags.contains(.writable), try sendOutput(slot) else { return false }
        slot.output = nil
        return true
    }

    /// One send of what waits. Returns whether that was all.
    private func sendOutput(_ slot: Slot) throws(ConnectionError) -> Bool {
        let sent: Int
        switch slot.output {
        case .none: return true
        case .some(let block):
            sent = unsafe try block.bytes.withUnsafeBufferPointer { bytes throws(ConnectionError) in
                unsafe try sendOnce(slot, bytes.baseAddress.unsafelyUnwrapped, bytes.count)
            }
        }
        slot.output?.consume(sent)
        return slot.output?.count == 0
    }

    /// One send. The kernel taking less than all means that it has no room until it says so.
    @inline(never)
    func sendOnce(
        _ slot: Slot, _ bytes: UnsafePointer<UInt8>, _ count: Int, _ more: Bool = false
    ) throws(ConnectionError) -> Int {
        do throws(Errno) {
            let sent = unsafe try slot.descriptor.send(bytes, count: count, more: more)
            note(slot, sent: sent, of: count)
            return sent
        } catch {
            throw .broken
        }
    }

    /// One send of several pieces.
    private func sendOnce(
        _ slot: Slot, _ pieces: UnsafeMutableBufferPointer<IOVector>, _ more: Bool
    ) throws(ConnectionError) -> Int {
        guard let first = pieces.baseAddress, pieces.count > 1 else {
            return unsafe try sendOnce(slot, pieces[0].start, pieces[0].count, more)
        }
        do throws(Errno) {
            let sent = unsafe try slot.descriptor.send(first, count: pieces.count, more: more)
            unsafe note(slot, sent: sent, of: Self.count(of: pieces))
            return sent
        } catch {
            throw .broken
        }
    }

    /// How many bytes the pieces are.
    static func count(of pieces: UnsafeMutableBufferPointer<IOVector>) -> Int {
        var count = 0
        for index in pieces.indices { unsafe count += pieces[index].count }
        return count
    }

    @inline(__always)
    func note(_ slot: Slot, sent: Int, of count: Int) {
        worker.metrics.bytesSent.add(sent)
        guard sent < count else { return }
        slot.flags.remove(.writable)
        worker.update(slot)
    }

    /// Gives the peer of a slot with output its time to take some of it.
    func awaitReading(_ slot: Slot) {
        if slot.output != nil { slot.output?.unsent = unsentCount(slot) }
        setDeadline(slot, after: settings.writeTimeout)
    }

    /// Whether the peer has taken some of what was sent since ``awaitReading(_:)``. The kernel itself says that there
    /// is room only when a third of its buffer is free, which a slow reader may not manage in time.
    func isReading(_ slot: Slot) -> Bool {
        guard let before = slot.output?.unsent else { return false }
        return unsentCount(slot) < before
    }

    private func unsentCount(_ slot: Slot) -> Int {
        do throws(Errno) {
            return try slot.descriptor.unsentCount()
        } catch {
            return 0
        }
    }

    /// The kernel has room again. Returns false if the connection is closed, or still waits.
    func sendWaiting(_ slot: Slot) -> Bool {
        do throws(ConnectionError) {
            guard try drainWaiting(slot) else {
                awaitReading(slot)
                return false
            }
        } catch {
            failed(slot, error)
            return false
        }
        if let handler = slot.handler {
            // Its handler is somewhere else, where nothing is urgent; those that wait for the peer have a deadline.
            if handler.object.awaited == .nothing { worker.clearDeadline(slot) }
            return true
        }
        if slot.phase.isEnding {
            end(slot, lingering: slot.phase == .flushingBeforeLinger)
            return false
        }
        if isDraining && isQuiet(slot) {
            serve(slot)
            return false
        }
        let managesLifetime = slot.flags.contains(.managesLifetime)
        setDeadline(
            slot, after: managesLifetime ? idleTimeout(slot.protocolState, drainDelay) : settings.idleTimeout)
        return true
    }

    /// Ends the connection. Whoever serves it is told why, and does it himself.
    func failed(_ slot: Slot, _ error: ConnectionError) {
        guard let handler = slot.handler else { return close(slot) }
        handler.object.fail(error)
        flushOnSuspend()
    }
}
