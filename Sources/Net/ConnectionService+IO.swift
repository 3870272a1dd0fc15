// Sources/Net/ConnectionService+IO.swift — receiving and sending, and what that says of readiness.

import Bytes
import Linux
import Primitives
import Runtime

extension ConnectionService {
    /// Receives at most `room` bytes. A short read means that the socket is empty: there is no second one to learn
    /// that.
    func receive(
        _ slot: SlotPointer, into buffer: UnsafeMutablePointer<UInt8>, room: Int
    ) throws(ConnectionError) -> Received {
        do throws(Errno) {
            var room = room
            let received: Received
            if unsafe slot == receivedAhead {
                room = Config.shortReceiveSize
                unsafe received = try takeReceived(into: buffer)
            } else {
                unsafe received = try DescriptorTable.descriptor(slot).receive(into: buffer, capacity: room)
            }
            switch received {
            case .bytes(let count):
                if count < Config.shortReceiveSize {
                    unsafe slot.pointee.state.remove(.verbose)
                } else {
                    unsafe slot.pointee.state.insert(.verbose)
                }
                // After the peer's end there is always one more thing to read: the end.
                if count < room, unsafe !slot.pointee.state.contains(.peerClosed) {
                    unsafe slot.pointee.state.remove(.readable)
                }
                worker.metrics.bytesReceived.add(count)
            case .end, .wouldBlock: unsafe slot.pointee.state.remove(.readable)
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
    func send(_ slot: SlotPointer, more: Bool = false) throws(ConnectionError) -> Bool {
        guard unsafe slot.pointee.output == nil, gatherList.isEmpty,
            unsafe slot.pointee.state.isDisjoint(with: [.batched, .unsendable])
        else { return unsafe try sendPieces(slot, more) }
        let count = output.count
        guard count > 0 else { return true }
        let sent = unsafe try sendOnce(slot, output.base, count, more)
        if sent < count { unsafe try keepUnsent(slot, output.base + sent, count - sent) }
        output.removeAll()
        return sent == count
    }

    /// ``send(_:more:)`` where something waits already, here or in the batch, or where there are gatherList.
    @inline(never)
    private func sendPieces(_ slot: SlotPointer, _ more: Bool) throws(ConnectionError) -> Bool {
        if unsafe slot.pointee.state.contains(.batched) { sendBatch() }
        if unsafe slot.pointee.state.contains(.unsendable) { throw .broken }
        let mayBeSent = unsafe try drainWaiting(slot)
        let pieces = unsafe gatherList.all(of: output)
        let sent = unsafe mayBeSent && pieces.count > 0 ? try sendOnce(slot, pieces, more) : 0
        unsafe try keepUnsent(slot, pieces, sent: sent)
        dropOutput()
        return unsafe slot.pointee.output == nil
    }

    /// ``send(_:more:)``, and then that there is no more: end and last response leave in one segment. To close the
    /// socket would do that too, but not if bytes have come that nobody has read: then it throws away what is held
    /// back.
    @inline(never)
    func sendLast(_ slot: SlotPointer) throws(ConnectionError) -> Bool {
        guard output.count > 0 || !gatherList.isEmpty else { return unsafe try send(slot) }
        guard unsafe try send(slot, more: true) else { return false }
        do throws(Errno) {
            unsafe try DescriptorTable.descriptor(slot).shutdownSending()
            return true
        } catch {
            throw .broken
        }
    }

    /// Keeps a copy of what the kernel did not take, which took the first `sent` bytes.
    func keepUnsent(
        _ slot: SlotPointer, _ pieces: UnsafeMutableBufferPointer<IOVector>, sent: Int
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
    func keepUnsent(_ slot: SlotPointer, _ bytes: UnsafePointer<UInt8>, _ count: Int) throws(ConnectionError) {
        let block: ByteBlock?
        if let waiting = unsafe slot.pointee.output {
            unsafe block = ByteBlock(waiting).appending(bytes, count: count)
        } else {
            unsafe block = ByteBlock(copying: bytes, count: count)
        }
        guard let block = unsafe block else { throw .outOfMemory }
        unsafe slot.pointee.output = block.pointer
    }

    /// Forgets what was to be sent.
    func dropOutput() {
        output.removeAll()
        gatherList.removeAll()
    }

    /// Sends what waits, as far as the kernel takes it. Returns whether nothing waits any more.
    func drainWaiting(_ slot: SlotPointer) throws(ConnectionError) -> Bool {
        guard let pointer = unsafe slot.pointee.output else { return true }
        guard unsafe slot.pointee.state.contains(.writable) else { return false }
        let block = unsafe ByteBlock(pointer)
        let sent = unsafe try sendOnce(slot, block.start, block.count)
        unsafe block.consume(sent)
        guard unsafe block.count == 0 else { return false }
        unsafe block.free()
        unsafe slot.pointee.output = nil
        return true
    }

    /// One send. The kernel taking less than all means that it has no room until it says so.
    @inline(never)
    func sendOnce(
        _ slot: SlotPointer, _ bytes: UnsafePointer<UInt8>, _ count: Int, _ more: Bool = false
    ) throws(ConnectionError) -> Int {
        do throws(Errno) {
            let sent = unsafe try DescriptorTable.descriptor(slot).send(bytes, count: count, more: more)
            unsafe note(slot, sent: sent, of: count)
            return sent
        } catch {
            throw .broken
        }
    }

    /// One send of several pieces.
    private func sendOnce(
        _ slot: SlotPointer, _ pieces: UnsafeMutableBufferPointer<IOVector>, _ more: Bool
    ) throws(ConnectionError) -> Int {
        guard let first = pieces.baseAddress, pieces.count > 1 else {
            return unsafe try sendOnce(slot, pieces[0].start, pieces[0].count, more)
        }
        do throws(Errno) {
            let sent = unsafe try DescriptorTable.descriptor(slot).send(first, count: pieces.count, more: more)
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
    func note(_ slot: SlotPointer, sent: Int, of count: Int) {
        worker.metrics.bytesSent.add(sent)
        guard sent < count else { return }
        unsafe slot.pointee.state.remove(.writable)
        unsafe worker.update(slot)
    }

    /// Gives the peer of a slot with output its time to take some of it.
    func awaitReading(_ slot: SlotPointer) {
        if let pointer = unsafe slot.pointee.output { unsafe ByteBlock(pointer).unsent = unsentCount(slot) }
        unsafe setDeadline(slot, after: settings.writeTimeout.rawValue)
    }

    /// Whether the peer has taken some of what was sent since ``awaitReading(_:)``. The kernel itself says that there
    /// is room only when a third of its buffer is free, which a slow reader may not manage in time.
    func isReading(_ slot: SlotPointer) -> Bool {
        guard let pointer = unsafe slot.pointee.output else { return false }
        return unsafe unsentCount(slot) < ByteBlock(pointer).unsent
    }

    private func unsentCount(_ slot: SlotPointer) -> Int {
        do throws(Errno) {
            return unsafe try DescriptorTable.descriptor(slot).unsentCount()
        } catch {
            return 0
        }
    }

    /// The kernel has room again. Returns false if the connection is closed, or still waits.
    func sendWaiting(_ slot: SlotPointer) -> Bool {
        do throws(ConnectionError) {
            guard unsafe try drainWaiting(slot) else {
                unsafe awaitReading(slot)
                return false
            }
        } catch {
            unsafe failed(slot, error)
            return false
        }
        if let server = unsafe server(of: slot) {
            // Its handler is somewhere else, where nothing is urgent; those that wait for the peer have a deadline.
            let isElsewhere = unsafe server._withUnsafeGuaranteedRef { $0.awaited == .nothing }
            if isElsewhere { unsafe worker.clearDeadline(slot) }
            return true
        }
        if unsafe slot.pointee.state.contains(.closing) {
            unsafe end(slot, lingering: slot.pointee.state.contains(.lingering))
            return false
        }
        if unsafe isDraining && isQuiet(slot) {
            unsafe serve(slot)
            return false
        }
        let managesLifetime = unsafe slot.pointee.state.contains(.managesLifetime)
        unsafe setDeadline(
            slot,
            after: managesLifetime ? idleTimeout(slot.pointee.protocolState, drainDelay) : settings.idleTimeout.rawValue
        )
        return true
    }

    /// Ends the connection. Whoever serves it is told why, and does it himself.
    func failed(_ slot: SlotPointer, _ error: ConnectionError) {
        guard let server = unsafe server(of: slot) else { return unsafe close(slot) }
        unsafe server._withUnsafeGuaranteedRef { $0.fail(error) }
        flushOnSuspend()
    }
}
