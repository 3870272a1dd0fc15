// Sources/Net/ConnectionHandler+Waiting.swift — what a handler waits for: input, events, room to send.
// A file of its own since none of it is on the way of a request that is answered at once.

import Bytes
import Linux
import Runtime
import _Concurrency

// `@export(interface)`: these are compiled in this module only. Else deferred code generation would put them, and data
// that points to them, into the object file of one of their callers, and each program would link that one.
extension ConnectionHandler {
    /// Traps unless the calling task is at home: on the worker whose connection this is. One comparison.
    @inline(__always)
    package final func checkHome() { precondition(loop.worker.isCurrent, "a connection is its worker's") }

    // MARK: Receiving

    /// Waits until more input has come.
    ///
    /// - Returns: false if the peer has ended its direction: there will be no more.
    /// - Throws: ``ConnectionError``.
    @export(interface)
    public func receive() async throws(ConnectionError) -> Bool {
        while true {
            if let failure { throw failure }
            if peerHasEnded { return false }
            switch try receiveInTurn() {
            case .bytes: return true
            case .end: return false
            case .wouldBlock: await suspend(.forInput)
            }
        }
    }

    /// Waits until more input has come to a connection that manages its lifetime, or something else has happened to it.
    ///
    /// The receive buffer is free for others meanwhile: what little of the input is not consumed is kept apart.
    ///
    /// - Throws: ``ConnectionError``.
    @export(interface)
    public func wait() async throws(ConnectionError) -> Event {
        while true {
            if let failure { throw failure }
            if peerHasEnded { return .end }
            if event != .input { return takeEvent() }
            switch try receiveInTurn() {
            case .bytes: return .input
            case .end: return .end
            case .wouldBlock:
                try setInputAside()
                await suspend(.forInput)
            }
        }
    }

    /// Receives for a handler that waits for input. If the peer sends without end, it has its turn after the others.
    private func receiveInTurn() throws(ConnectionError) -> Received {
        fullReads += 1
        guard fullReads >= Config.readsPerServing, let slot else { return try receiveNow() }
        fullReads = 0
        // The reactor reports what is there once more, behind what the others have.
        slot.flags.remove(.readable)
        if slot.flags.contains(.watched) { worker.rearm(slot) }
        return .wouldBlock
    }

    /// Moves the unconsumed input to a block of its own size, so that the receive buffer is free for others.
    private func setInputAside() throws(ConnectionError) {
        guard buffer.count > 0, let slot else { return }
        keepInput(slot)
        if let failure { throw failure }
        loop.reader.giveBack(&buffer)
    }

    // MARK: Sending

    /// Waits until the kernel has taken all output.
    ///
    /// - Throws: ``ConnectionError``.
    @export(interface)
    public func flush() async throws(ConnectionError) {
        while true {
            if let failure { throw failure }
            guard try !sendNow() else { return }
            if let slot { loop.writer.awaitReading(slot) }
            await suspend(.forOutput)
            clearDeadline()
        }
    }

    /// Waits until nothing of what was written before the last suspension waits for the peer any more: what goes on
    /// writing calls this first, or a peer that does not read would have more and more wait for it.
    ///
    /// - Throws: ``ConnectionError``, also if the connection has failed while the handler was suspended elsewhere.
    @inline(__always)
    public func catchUp() async throws(ConnectionError) {
        if let failure { throw failure }
        if let slot, slot.output != nil { try await flush() }
    }

    /// Sends `bytes`, waiting for the peer where need be: for what may be larger than ``output`` has room for.
    @export(interface)
    public func write(_ bytes: borrowing Span<UInt8>) async throws(ConnectionError) {
        try await catchUp()
        guard bytes.count < Config.directWriteLength else { return try await writeDirectly(bytes) }
        var written = 0
        while written < bytes.count {
            let room = output.remaining
            guard room > 0 else {
                try await flush()
                continue
            }
            let count = Swift.min(room, bytes.count - written)
            output.append(bytes.extracting(written..<written + count))
            written += count
        }
    }

    /// Sends what was written before and `bytes`, without copying more of them than the kernel does not take at once.
    private func writeDirectly(_ bytes: borrowing Span<UInt8>) async throws(ConnectionError) {
        var written = 0
        while written < bytes.count {
            let end = Swift.min(written + Config.sendBufferSize, bytes.count)
            // SAFETY: the bytes are borrowed until this returns. There is no failure when `flush` begins, so that it
            // sends first of all, and then nothing is quoted any more, even if that fails.
            if unsafe quote(bytes.extracting(written..<end)) { written = end }
            try await flush()
        }
    }
}
