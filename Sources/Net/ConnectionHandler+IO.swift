// Sources/Net/ConnectionHandler+IO.swift — a served connection's bytes.

import Bytes
import Linux
import Runtime

extension ConnectionHandler {
    /// Receives what is there, behind the unconsumed input.
    func receiveNow() throws(ConnectionError) -> Received {
        guard let slot = slot else { throw .broken }
        guard slot.flags.contains(.readable) else { return .wouldBlock }
        let buffer = unsafe try receiveBuffer()
        let room = Config.receiveBufferSize - end
        guard room > 0 else { throw .outOfMemory }
        let received = unsafe try service.receive(slot, into: buffer + end, room: room)
        switch received {
        case .bytes(let count): end += count
        case .end: peerHasEnded = true
        case .wouldBlock: break
        }
        return received
    }

    /// Receives for a handler that waits for input. If the peer sends without end, it has its turn after the others.
    func receiveInTurn() throws(ConnectionError) -> Received {
        fullReads += 1
        guard fullReads >= Config.readsPerServing, let slot = slot else { return try receiveNow() }
        fullReads = 0
        // The reactor reports what is there once more, behind what the others have.
        slot.flags.remove(.readable)
        if slot.flags.contains(.watched) { worker.rearm(slot) }
        return .wouldBlock
    }

    /// The buffer, with the unconsumed input at its start.
    func receiveBuffer() throws(ConnectionError) -> UnsafeMutablePointer<UInt8> {
        guard let buffer = unsafe buffer ?? service.takeBuffer() else { throw .outOfMemory }
        if unsafe self.buffer == nil, let slot = slot {
            start = 0
            end = unsafe service.copyRest(of: slot, to: buffer)
            service.dropRest(of: slot)
        }
        unsafe self.buffer = buffer
        if start > 0 {
            // SAFETY: the rest lies in the buffer.
            unsafe UnsafeMutableRawPointer(buffer).copyMemory(from: buffer + start, byteCount: end - start)
            end -= start
            start = 0
        }
        return unsafe buffer
    }

    /// Moves the unconsumed input to a block of its own size, so that nobody needs the receive buffer.
    func setInputAside() throws(ConnectionError) {
        guard end > start, let slot = slot else { return }
        keepRest(slot)
        if let failure { throw failure }
        unsafe service.giveBack(&buffer)
        start = 0
        end = 0
    }

    /// Sends what waits and what is in ``output``. Returns whether the kernel took all. If that fails, so has the
    /// connection: how much was sent is not known any more, and nobody may send the rest, or anything twice.
    ///
    /// - Parameter mayWait: whether nobody sees that it is sent later, with what others send in this turn.
    @discardableResult
    func sendNow(mayWait: Bool = false) throws(ConnectionError) -> Bool {
        guard let slot = slot else { return true }
        if mayWait && service.addToBatch(slot) { return true }
        do throws(ConnectionError) {
            return try service.send(slot)
        } catch {
            failure = failure ?? error
            service.dropOutput()
            throw error
        }
    }

    /// The same, with the connection's end behind it.
    func sendLast() throws(ConnectionError) -> Bool {
        guard let slot = slot else { return true }
        return try service.sendLast(slot)
    }

    /// The handler was suspended: what it wrote goes out, and what it will want to read again stays here.
    func flushOnSuspend() {
        // If it fails, the handler is told when it goes on.
        _ = try? sendNow()
        if start == end { unsafe service.giveBack(&buffer) }
    }
}
