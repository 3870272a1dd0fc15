// Sources/Server/ExchangeState.swift — one request and its response, whatever type its handler throws.

import Bytes
import HTTP
import Linux
import Logging
import Net
import Primitives
import Runtime
import WebSocket

/// What is behind an ``Exchange``: ``RequestCycle`` says what may follow what; this class moves bytes between it and
/// the connection. Its calls are documented there, where handlers see them.
///
/// - Invariant: the connection's handler owns this object and frees it in its `deinit`, so ``connection`` and the input
///   that the spans show live as long as it does; the input of a suspended handler keeps its address.
@safe final class ExchangeState {
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
    /// What was the first of these calls to fail; nil: none was. Whatever the handler throws, it is answered no better
    /// than this allows.
    private var broken: ExchangeError?
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
        broken = nil
        do throws(RequestError) {
            try cycle.beginBody(maxBody: maxBody)
        } catch {
            throw .request(error)
        }
    }

    // MARK: The request

    var path: Span<UInt8> {
        @_lifetime(borrow self)
        get { bytes[head.path] }
    }

    var query: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let range = head.query.isPresent ? head.query : ByteRange(0, 0)
            return bytes[range]
        }
    }

    func offersSubprotocol(_ name: StaticString) -> Bool { Handshake.offers(name, head, in: bytes) }

    @_lifetime(borrow self)
    func parameter(_ index: Int) -> Span<UInt8> {
        bytes[head.path][parameters[index]]
    }

    @_lifetime(borrow self)
    func field(_ name: StaticString) -> Span<UInt8>? {
        head.field(name, in: bytes)
    }

    var serverMetrics: [HTTPMetrics] { connection.context.allMetrics }

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

    var bodyChunk: Span<UInt8> {
        @_lifetime(borrow self)
        get { bytes.extracting(chunk) }
    }

    func readBody() async throws(ExchangeError) -> Bool {
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

    @inline(never)
    func respond(
        _ status: Status, contentType: StaticString, fields: StaticString, _ body: borrowing Span<UInt8>
    ) async throws(ExchangeError) {
        try await beginResponse(status, .sized(UInt64(body.count)), contentType: contentType, fields: fields)
        try await write(body)
        _ = cycle.endResponse()
    }

    func beginResponse(
        _ status: Status, _ body: ResponseBody, contentType: StaticString, fields: StaticString
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
        cycle.beginResponse(status, body, isDraining: connection.isDraining || broken != nil)
        self.status = status
        let plan = cycle.plan
        connection.output.beginResponse(status, plan, connection.context.date)
        if plan.framing != .bare { connection.output.append(field: "Content-Type", contentType) }
        connection.output.append(fields)
        connection.output.endHead()
    }

    func write(_ bytes: borrowing Span<UInt8>) async throws(ExchangeError) {
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

    func endResponse() async throws(ExchangeError) {
        connection.checkHome()
        guard cycle.endResponse() else { return }
        if lacks(Config.maxChunkLine) { try await flush() }
        connection.output.endChunks()
    }

    /// Completes what the handler left unfinished: the body, or the whole answer.
    func finish() async throws(ExchangeError) {
        if cycle.phase == .streaming { return try await endResponse() }
        let text: StaticString = "no answer\n"
        try await respond(.internalServerError, contentType: "text/plain", fields: "", text.bytes)
    }

    /// Notes an error that a handler is about to be thrown.
    @inline(never)
    func note(_ error: ExchangeError) -> ExchangeError {
        broken = broken ?? error
        return error
    }

    /// Ends a request whose handler has thrown an error with this status: answers it, if nothing of a response was sent
    /// and what the error came of allows it; else the connection ends behind what was sent.
    ///
    /// - Parameter reason: the body of the answer; the status's phrase if it is empty.
    @inline(never)
    func fail(_ status: Status, _ reason: StaticString) async throws(ExchangeError) {
        switch broken {
        // As if the handler had thrown it: the log says what was wrong with the request.
        case .request(let error) where error.status == status: throw .request(error)
        case .request, nil: break
        case .connection(let error): throw .connection(error)
        case .incompleteBody: throw .incompleteBody
        }
        if status.code >= 500 || cycle.phase != .unanswered { report(status, reason) }
        guard cycle.phase == .unanswered else { return cycle.breakOff() }
        // An interim response is none.
        let status = status.isInformational ? .internalServerError : status
        let text = reason.utf8CodeUnitCount > 0 ? reason : status.reason
        try await respond(status, contentType: "text/plain", fields: "", text.bytes)
    }

    private func report(_ status: Status, _ reason: StaticString) {
        let descriptor = connection.descriptor
        Log.write(.http, level: .warning) { line in
            line.append(" fd=", Int(descriptor.rawValue))
            line.append(" handler failed status=", Int(status.code))
            if reason.utf8CodeUnitCount > 0 { line.append(" reason=", reason) }
        }
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
