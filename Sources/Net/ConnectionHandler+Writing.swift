// Sources/Net/ConnectionHandler+Writing.swift — what handlers send, at the pace at which the peer takes it.

import Bytes
import Runtime
import _Concurrency

extension ConnectionHandler {
    /// Waits until the kernel has taken all output.
    ///
    /// - Throws: ``ConnectionError``.
    public func flush() async throws(ConnectionError) {
        while true {
            if let failure { throw failure }
            guard try !sendNow() else { return }
            if let slot = slot { service.awaitReading(slot) }
            await suspend(.forOutput)
            clearDeadline()
        }
    }

    /// Waits until nothing of what was written before the last suspension waits for the peer any more: whoever goes on
    /// writing calls this first, or a peer that does not read would have more and more wait for it.
    ///
    /// - Throws: ``ConnectionError``, also if the connection has failed while the handler was suspended elsewhere.
    @inline(__always)
    public func catchUp() async throws(ConnectionError) {
        if let failure { throw failure }
        if let slot, slot.output != nil { try await flush() }
    }

    /// Sends `bytes`, waiting for the peer where need be: for what may be larger than ``output`` has room for.
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
