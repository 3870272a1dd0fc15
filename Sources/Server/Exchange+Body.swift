// Sources/Server/Exchange+Body.swift — the body of a request, piece by piece.

import HTTP
import Net
import Utilities

extension Exchange {
    /// The bytes that the last ``readBody()`` found: good until the next one.
    public var bodyChunk: Span<UInt8> {
        @_lifetime(borrow self)
        get { unsafe _overrideLifetime(bytes.extracting(chunk), borrowing: self) }
    }

    /// Waits for more of the request's body, and shows it as ``bodyChunk``.
    ///
    /// - Returns: false when the body has ended.
    /// - Throws: ``ExchangeError``: let it through.
    public func readBody() async throws(ExchangeError) -> Bool {
        let connection = unsafe connection
        // What was shown last time is not needed any more; the head stays.
        if !chunk.isEmpty { connection.consume(chunk.count, at: head.length) }
        chunk = head.length..<head.length
        while !decoder.isEnd {
            let (data, consumed) = try decode()
            if !data.isEmpty {
                // Framing before the data goes; the data itself stays until the next call.
                let framing = data.lowerBound
                connection.consume(consumed - data.upperBound, at: head.length + data.upperBound)
                connection.consume(framing, at: head.length)
                chunk = head.length..<head.length + data.count
                return true
            }
            connection.consume(consumed, at: head.length)
            if decoder.isEnd { break }
            try await receiveBody()
        }
        return false
    }

    private func decode() throws(ExchangeError) -> (data: Range<Int>, consumed: Int) {
        do throws(RequestError) {
            let step = try decoder.next(bytes.extracting(droppingFirst: head.length))
            return (step.data, step.consumed)
        } catch {
            throw .request(error)
        }
    }

    private func receiveBody() async throws(ExchangeError) {
        if needsContinue {
            needsContinue = false
            unsafe connection.output.appendContinue()
        }
        let isMore: Bool
        do throws(ConnectionError) {
            unsafe connection.setDeadline(after: connection.context.settings.requestTimeout)
            isMore = unsafe try await connection.receive()
            unsafe connection.clearDeadline()
        } catch {
            throw .connection(error)
        }
        guard isMore else { throw .incompleteBody }
    }

    /// Makes room for an answer that no handler writes. What has come of the body is thrown away first: if it is
    /// malformed, that is the answer. A client that waits for leave to send its body gets it, so that the connection can
    /// go on; any other is answered before the rest of its body has come.
    func prepareAnswer(room: Int) async throws(ExchangeError) {
        while !decoder.isEnd {
            let consumed = try decode().consumed
            guard consumed > 0 else { break }
            needsContinue = false
            unsafe connection.consume(consumed, at: head.length)
        }
        if needsContinue { try await discardBody() }
        if lacks(room) { try await flush() }
    }

    /// Reads what the handler did not read of the body, and throws it away.
    func discardBody() async throws(ExchangeError) {
        while try await readBody() {}
    }
}
