// Sources/Net/ConnectionService+IO.swift — receiving and sending, and what that says of readiness.

import Linux
import Primitives
import Runtime
import Utilities

extension ConnectionService {
    /// Receives at most `room` bytes. A short read means that the socket is empty: there is no second one to learn that.
    func receive(
        _ slot: SlotPointer, into buffer: UnsafeMutablePointer<UInt8>, room: Int
    ) throws(ConnectionError) -> (result: Arrived, count: Int) {
        do throws(Errno) {
            switch unsafe try DescriptorTable.descriptor(slot).receive(into: buffer, capacity: room) {
            case .bytes(let count):
                // After the peer's end there is always one more thing to read: the end.
                if count < room, unsafe !slot.pointee.state.contains(.peerClosed) {
                    unsafe slot.pointee.state.remove(.readable)
                }
                worker.metrics.bytesReceived.add(count)
                return (.bytes, count)
            case .end:
                unsafe slot.pointee.state.remove(.readable)
                return (.end, 0)
            case .wouldBlock:
                unsafe slot.pointee.state.remove(.readable)
                return (.wouldBlock, 0)
            }
        } catch {
            throw .broken
        }
    }

    /// Sends what waits for the slot, then what is in `output`; what the kernel does not take waits.
    ///
    /// - Returns: whether all was sent.
    func send(_ slot: SlotPointer) throws(ConnectionError) -> Bool {
        if unsafe slot.pointee.output != nil { return unsafe try sendBehindWaiting(slot) }
        let count = output.count
        guard count > 0 else { return true }
        let sent = unsafe try sendOnce(slot, output.base, count)
        if sent < count {
            guard let block = unsafe ByteBlock(copying: output.base + sent, count: count - sent) else {
                throw .outOfMemory
            }
            unsafe slot.pointee.output = block.pointer
        }
        output.removeAll()
        return sent == count
    }

    /// Something waits already: `output` goes behind it.
    func sendBehindWaiting(_ slot: SlotPointer) throws(ConnectionError) -> Bool {
        if unsafe try drainWaiting(slot) { return unsafe try send(slot) }
        guard output.count > 0, let waiting = unsafe slot.pointee.output else { return false }
        guard let block = unsafe ByteBlock(waiting).appending(output.base, count: output.count) else {
            throw .outOfMemory
        }
        unsafe slot.pointee.output = block.pointer
        output.removeAll()
        return false
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
        _ slot: SlotPointer, _ bytes: UnsafePointer<UInt8>, _ count: Int
    ) throws(ConnectionError) -> Int {
        do throws(Errno) {
            let sent = unsafe try DescriptorTable.descriptor(slot).send(bytes, count: count)
            worker.metrics.bytesSent.add(sent)
            if sent < count {
                unsafe slot.pointee.state.remove(.writable)
                unsafe worker.update(slot)
            }
            return sent
        } catch {
            throw .broken
        }
    }

    /// Gives the peer of a slot with output its time to take some of it.
    func awaitReading(_ slot: SlotPointer) {
        if let pointer = unsafe slot.pointee.output { unsafe ByteBlock(pointer).unsent = unsentCount(slot) }
        unsafe setDeadline(slot, after: settings.writeTimeout)
    }

    /// Whether the peer has taken some of what was sent since ``awaitReading(_:)``. The kernel itself says that there is
    /// room only when a third of its buffer is free, which a slow reader may not manage in time.
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
        guard unsafe slot.pointee.server == nil else { return true }
        if unsafe slot.pointee.state.contains(.closing) {
            unsafe end(slot, lingering: slot.pointee.state.contains(.lingering))
            return false
        }
        let isAttended = unsafe slot.pointee.state.contains(.attended)
        unsafe setDeadline(slot, after: isAttended ? settings.attendedTimeout : settings.idleTimeout)
        return true
    }

    func failed(_ slot: SlotPointer, _ error: ConnectionError) {
        guard let server = unsafe slot.pointee.server else { return unsafe close(slot) }
        // SAFETY: a connection object takes itself out of the slot before it ends.
        unsafe Unmanaged<Connection>.fromOpaque(server)._withUnsafeGuaranteedRef { $0.fail(error) }
    }
}
