// Sources/Server/Exchange.swift — one request and its response, as a handler sees them.

import Bytes
import HTTP
import Net
import Primitives
import Runtime
import WebSocket

/// A request, and the way to answer it. It belongs to a handler for the time of the handler's call only.
///
/// ``RequestCycle`` says what may follow what; this class moves bytes between it and the connection.
///
/// - Invariant: the connection's handler owns this object and frees it in its `deinit`, so ``connection`` and the input
///   that the spans show live as long as it does; the input of a suspended handler keeps its address.
@safe public final class Exchange {
    private let owner: ImmortalReference<HTTPConnectionHandler>
    /// The connection that is served.
    @inline(__always)
    var connection: HTTPConnectionHandler { owner.object }

    /// How far the request has come.
    var cycle = RequestCycle()
    var match = RouteResult.notFound
    var parameters = RouteParameters()
    /// What was answered, for the log.
    var status = Status.internalServerError
    /// Where the piece of the body lies that was shown last.
    private var chunk = 0..<0

    init(_ connection: HTTPConnectionHandler) {
        // The connection object owns this one, and frees it when it is freed itself.
        owner = ImmortalReference(connection)
    }

    /// The request's head.
    var head: RequestHead {
        @inline(__always) _read { yield cycle.head }
    }

    /// Begins with the request's body and response, behind its head.
    func begin(maxBody: UInt64) throws(ExchangeError) {
        chunk = 0..<0
        do throws(RequestError) {
            try cycle.beginBody(maxBody: maxBody)
        } catch {
            throw .request(error)
        }
    }

    // MARK: The request

    /// The request's method.
    public var method: Method { head.method }

    /// The path as it was sent, without the query.
    public var path: Span<UInt8> {
        @_lifetime(borrow self)
        get { bytes[head.path] }
    }

    /// What follows the path's "?"; empty if nothing does.
    public var query: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let range = head.query.isPresent ? head.query : ByteRange(0, 0)
            return bytes[range]
        }
    }

    /// Whether the client, which asks for a WebSocket, offers the subprotocol of this name (RFC 6455 §11.3.4).
    public func offersSubprotocol(_ name: StaticString) -> Bool { Handshake.offers(name, head, in: bytes) }

    /// What stands in the path for parameter `index` of the route's pattern, as it was sent.
    @_lifetime(borrow self)
    public func parameter(_ index: Int) -> Span<UInt8> {
        bytes[head.path][parameters[index]]
    }

    /// The value of the first header field of this name, in any case of letters; nil if there is none.
    @_lifetime(borrow self)
    public func field(_ name: StaticString) -> Span<UInt8>? {
        head.field(name, in: bytes)
    }

    /// What each worker of the server has answered, in the workers' order.
    public var serverMetrics: [HTTPMetrics] { connection.context.allMetrics }

    var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // SAFETY: the connection object owns this one, so the input is there as long as this is.
            let connection = connection
            connection.checkHome()
            let input = connection.input
            return unsafe _overrideLifetime(input, borrowing: self)
        }
    }

    // MARK: The body of the request

    /// The bytes that the last ``readBody()`` found: good until the next one.
    public var bodyChunk: Span<UInt8> {
        @_lifetime(borrow self)
        get { bytes.extracting(chunk) }
    }

    /// Waits for more of the request's body, and shows it as ``bodyChunk``.
    ///
    /// - Returns: false when the body has ended.
    /// - Throws: ``ExchangeError``: let it through.
    public func readBody() async throws(ExchangeError) -> Bool {
        connection.checkHome()
        chunk = 0..<0
        while true {
            let step: RequestCycle.BodyStep
            do throws(RequestError) {
                step = try cycle.readBody(bytes)
            } catch {
                throw .request(error)
            }
            switch step {
            case .data(let range):
                chunk = range
                return true
            case .needsInput: try await receiveBody()
            case .end: return false
            }
        }
    }

    private func receiveBody() async throws(ExchangeError) {
        if cycle.takeContinue() {
            try await makeRoom(Config.maxResponseHead)
            connection.output.appendContinue()
        }
        // Here and not for each chunk: the head has to move up over what is not needed any more.
        connection.consume(cycle.dropReadBody(), at: head.length)
        let isMore: Bool
        do throws(ConnectionError) {
            connection.setDeadline(after: connection.context.settings.requestTimeout.rawValue)
            isMore = try await connection.receive()
            connection.clearDeadline()
        } catch {
            throw .connection(error)
        }
        guard isMore else { throw .incompleteBody }
    }

    /// Makes room for an answer that no handler writes. What has come of the body is thrown away first: if it is
    /// malformed, that is the answer. A client that waits for leave to send its body gets it, so that the connection
    /// can go on; any other is answered before the rest of its body has come.
    func prepareAnswer(room: Int) async throws(ExchangeError) {
        do throws(RequestError) {
            try cycle.discardReceivedBody(bytes)
        } catch {
            throw .request(error)
        }
        if cycle.needsContinue { try await discardBody() }
        if lacks(room) { try await flush() }
    }

    /// Reads what the handler did not read of the body, and throws it away.
    func discardBody() async throws(ExchangeError) {
        while try await readBody() {}
    }

    // MARK: The response

    /// Answers with a whole body.
    ///
    /// - Parameters:
    ///   - contentType: the value of Content-Type.
    ///   - fields: more field lines, each with its CRLF; a literal of the program.
    /// - Throws: ``ExchangeError``: let it through.
    @inline(never)
    public func respond(
        _ status: Status, contentType: StaticString, fields: StaticString = "", _ body: borrowing Span<UInt8>
    ) async throws(ExchangeError) {
        try await beginResponse(status, .sized(UInt64(body.count)), contentType: contentType, fields: fields)
        try await write(body)
        _ = cycle.endResponse()
    }

    /// Answers with a literal.
    public func respond(
        _ status: Status, contentType: StaticString, fields: StaticString = "", _ body: StaticString
    ) async throws(ExchangeError) {
        try await respond(status, contentType: contentType, fields: fields, body.bytes)
    }

    /// Sends the head of a response. Its body follows piece by piece: ``write(_:)``, then ``endResponse()``.
    ///
    /// - Parameter body: `.streamed` if its length is not known: it is sent in chunks, or up to the connection's end.
    public func beginResponse(
        _ status: Status, _ body: ResponseBody, contentType: StaticString, fields: StaticString = ""
    ) async throws(ExchangeError) {
        connection.checkHome()
        precondition(contentType.utf8CodeUnitCount + fields.utf8CodeUnitCount <= Config.maxResponseFields)
        if lacks(Config.maxResponseHead + Config.maxResponseFields) { try await flush() }
        appendHead(status, body, contentType, fields)
    }

    private func appendHead(
        _ status: Status, _ body: ResponseBody, _ contentType: StaticString, _ fields: StaticString
    ) {
        let connection = connection
        cycle.beginResponse(status, body, isDraining: connection.isDraining)
        self.status = status
        let plan = cycle.plan
        connection.output.beginResponse(status, plan, connection.context.date)
        if plan.framing != .bare { connection.output.append(field: "Content-Type", contentType) }
        connection.output.append(fields)
        connection.output.endHead()
    }

    /// Sends more of the body. Leaves out what follows HEAD, and what exceeds the length that the head has announced.
    public func write(_ bytes: borrowing Span<UInt8>) async throws(ExchangeError) {
        connection.checkHome()
        let bytes = bytes.extracting(first: cycle.takeBody(bytes.count))
        guard bytes.count > 0 else { return }
        do throws(ConnectionError) {
            let connection = connection
            let isChunked = cycle.plan.framing == .chunked
            if isChunked {
                if lacks(Config.maxChunkLine) { try await connection.flush() }
                connection.output.beginChunk(bytes.count)
            }
            try await connection.write(bytes)
            if isChunked {
                if lacks(Config.maxChunkLine) { try await connection.flush() }
                connection.output.endChunk()
            }
        } catch {
            throw .connection(error)
        }
    }

    /// Ends the body. One that is shorter than announced ends the connection too, so that its client notices.
    public func endResponse() async throws(ExchangeError) {
        connection.checkHome()
        guard cycle.endResponse() else { return }
        if lacks(Config.maxChunkLine) { try await flush() }
        connection.output.endChunks()
    }

    /// Completes what the handler left unfinished: the body, or the whole answer.
    func finish() async throws(ExchangeError) {
        if cycle.phase == .streaming { return try await endResponse() }
        try await respond(.internalServerError, contentType: "text/plain", "no answer\n")
    }

    /// Waits until the output has room for `byteCount` more bytes.
    func makeRoom(_ byteCount: Int) async throws(ExchangeError) {
        if lacks(byteCount) { try await flush() }
    }

    /// Whether the output has no room for `byteCount` more bytes.
    func lacks(_ byteCount: Int) -> Bool { connection.output.remaining < byteCount }

    @inline(never)
    func flush() async throws(ExchangeError) {
        do throws(ConnectionError) {
            try await connection.flush()
        } catch {
            throw .connection(error)
        }
    }
}

/// Why a request or its response broke off.
public enum ExchangeError: Error, Sendable {
    /// The connection failed.
    case connection(ConnectionError)
    /// The request's body is wrong: it is answered with the error's status if nothing was sent yet.
    case request(RequestError)
    /// The peer ended in the middle of the body.
    case incompleteBody
}
