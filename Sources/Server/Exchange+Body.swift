// Sources/Server/Exchange+Body.swift — the body of a request, piece by piece.

import Bytes
import HTTP
import Net

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
        chunk = 0..<0
        while !decoder.isEnd {
            let start = position
            let data = try decode()
            if !data.isEmpty {
                chunk = start + data.lowerBound..<start + data.upperBound
                return true
            }
            if decoder.isEnd { break }
            try await receiveBody()
        }
        return false
    }

    /// Goes on in the body, and says where data lies behind ``position`` as it was before.
    private func decode() throws(ExchangeError) -> Range<Int> {
        do throws(RequestError) {
            let step = try decoder.next(bytes.extracting(droppingFirst: position))
            position += step.consumed
            return step.data
        } catch {
            throw .request(error)
        }
    }

    private func receiveBody() async throws(ExchangeError) {
        // Once the response has begun it is too late to give leave (RFC 9110 §15.2).
        if needsContinue, progress == .unanswered {
            try await makeRoom(Config.maxResponseHead)
            unsafe connection.output.appendContinue()
        }
        needsContinue = false
        // Here and not for each chunk: the head has to move up over what is not needed any more.
        unsafe connection.consume(position - head.length, at: head.length)
        position = head.length
        let isMore: Bool
        do throws(ConnectionError) {
            unsafe connection.setDeadline(after: connection.context.settings.requestTimeout.rawValue)
            isMore = unsafe try await connection.receive()
            unsafe connection.clearDeadline()
        } catch {
            throw .connection(error)
        }
        guard isMore else { throw .incompleteBody }
    }

    /// Makes room for an answer that no handler writes. What has come of the body is thrown away first: if it is
    /// malformed, that is the answer. A client that waits for leave to send its body gets it, so that the connection
    /// can go on; any other is answered before the rest of its body has come.
    func prepareAnswer(room: Int) async throws(ExchangeError) {
        while !decoder.isEnd {
            let before = position
            _ = try decode()
            guard position > before else { break }
            needsContinue = false
        }
        if needsContinue { try await discardBody() }
        if lacks(room) { try await flush() }
    }

    /// Reads what the handler did not read of the body, and throws it away.
    func discardBody() async throws(ExchangeError) {
        while try await readBody() {}
    }
}
