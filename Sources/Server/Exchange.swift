// Sources/Server/Exchange.swift — one request and its response, as a handler sees them.

import Bytes
import HTTP
import Net
import WebSocket

/// A request, and the way to answer it. It is the handler's for the time of its call only.
///
///     ┌───────────┐ respond                          ┌──────────┐
///     │ unanswered │ ───────────────────────────────▶ │ answered │
///     └───────────┘                                  └──────────┘
///           │ beginResponse  ┌───────────┐ endResponse     ▲
///           └──────────────▶ │ streaming │ ────────────────┘
///                            └───────────┘ ◀─┐ write
///                                    └───────┘
@safe public final class Exchange {
    enum Progress {
        case unanswered
        case streaming
        case answered
    }

    // SAFETY: the connection object owns this one, and its task owns the connection object while anything runs here. To
    // count references would cost more than most of these calls do.
    private let owner: Unmanaged<HTTPConnectionHandler>
    @unsafe var connection: HTTPConnectionHandler {
        @inline(__always) get { unsafe owner._withUnsafeGuaranteedRef { $0 } }
    }
    var head = RequestHead()
    var match = RouteResult.notFound
    var parameters = RouteParameters()
    var decoder = BodyDecoder.empty
    var progress = Progress.unanswered
    /// What was answered, for the log.
    var status = Status.internalServerError
    /// Body bytes of the response so far.
    var bodyBytes = 0
    /// Whether the connection goes on after the response.
    var keepsAlive = true
    private var plan = ResponsePlan(.ok, .none, .unreadable)
    var needsContinue = false
    /// Where in the input the head, and what was decoded of the body, end.
    var position = 0
    /// Where the piece of the body lies that was shown last.
    var chunk = 0..<0

    init(_ connection: HTTPConnectionHandler) { unsafe owner = Unmanaged.passUnretained(connection) }

    /// Begins with a request whose head is at the start of the connection's input.
    @inline(__always)
    func begin(_ decoder: BodyDecoder) {
        self.decoder = decoder
        progress = .unanswered
        bodyBytes = 0
        keepsAlive = true
        needsContinue = head.expectsContinue && !decoder.isEnd
        position = head.length
        chunk = 0..<0
    }

    /// Nothing is known of any request.
    @inline(__always)
    func reset() { progress = .unanswered }

    /// The request is done with: its bytes leave the input.
    @inline(__always)
    func end() {
        unsafe connection.consume(position)
        progress = .unanswered
    }

    /// Notes an answer that was written past this object.
    @inline(__always)
    func answered(_ status: Status, bodyBytes: Int, keepsAlive: Bool) {
        self.status = status
        self.bodyBytes = bodyBytes
        self.keepsAlive = keepsAlive
        progress = .answered
    }

    // MARK: The request

    /// The request's method.
    public var method: Method { head.method }

    /// The path as it was sent, without the query.
    public var path: Span<UInt8> {
        @_lifetime(borrow self)
        get { unsafe _overrideLifetime(bytes[head.path], borrowing: self) }
    }

    /// What follows the path's "?"; empty if nothing does.
    public var query: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let range = head.query.isPresent ? head.query : ByteRange(0, 0)
            return unsafe _overrideLifetime(bytes[range], borrowing: self)
        }
    }

    /// Whether the client, which asks for a WebSocket, offers the subprotocol of this name (RFC 6455 §11.3.4).
    public func offersSubprotocol(_ name: StaticString) -> Bool { Handshake.offers(name, head, in: bytes) }

    /// What stands in the path for parameter `index` of the route's pattern, as it was sent.
    @_lifetime(borrow self)
    public func parameter(_ index: Int) -> Span<UInt8> {
        unsafe _overrideLifetime(bytes[head.path][parameters[index]], borrowing: self)
    }

    /// The value of the first header field of this name, in any case of letters; nil if there is none.
    @_lifetime(borrow self)
    public func field(_ name: StaticString) -> Span<UInt8>? {
        guard let value = head.field(name, in: bytes) else { return nil }
        return unsafe _overrideLifetime(value, borrowing: self)
    }

    var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // SAFETY: the connection object owns this one, so the input is there as long as this is.
            let connection = unsafe connection
            let input = connection.input
            return unsafe _overrideLifetime(input, borrowing: self)
        }
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
        progress = .answered
    }

    /// Answers with a literal.
    public func respond(
        _ status: Status, contentType: StaticString, fields: StaticString = "", _ body: StaticString
    ) async throws(ExchangeError) {
        try await respond(status, contentType: contentType, fields: fields, body.bytes)
    }

    /// Sends the head of a response whose body follows piece by piece: ``write(_:)``, then ``endResponse()``.
    ///
    /// - Parameter body: `.streamed` if its length is not known: it is sent in chunks, or up to the connection's end.
    public func beginResponse(
        _ status: Status, _ body: ResponseBody, contentType: StaticString, fields: StaticString = ""
    ) async throws(ExchangeError) {
        precondition(progress == .unanswered, "a request is answered once")
        precondition(contentType.utf8CodeUnitCount + fields.utf8CodeUnitCount <= Config.maxResponseFields)
        if lacks(Config.maxResponseHead + Config.maxResponseFields) { try await flush() }
        appendHead(status, body, contentType, fields)
    }

    private func appendHead(
        _ status: Status, _ body: ResponseBody, _ contentType: StaticString, _ fields: StaticString
    ) {
        let connection = unsafe connection
        // A client that still waits for leave to send its body may send it or not: nobody could tell its next request.
        let mayKeepAlive = !needsContinue && !connection.isDraining
        plan = ResponsePlan(status, body, ResponseContext(head, mayKeepAlive: mayKeepAlive))
        keepsAlive = plan.keepsAlive
        self.status = status
        progress = .streaming
        connection.output.beginResponse(status, plan, connection.context.date)
        if plan.framing != .bare { connection.output.append(field: "Content-Type", contentType) }
        connection.output.append(fields)
        connection.output.endHead()
    }

    /// Sends more of the body. Not sent is what follows HEAD, and what exceeds the length that the head has announced.
    public func write(_ bytes: borrowing Span<UInt8>) async throws(ExchangeError) {
        precondition(progress == .streaming, "a body follows the response's head")
        let bytes = bytes.extracting(first: room(for: bytes.count))
        guard bytes.count > 0 else { return }
        bodyBytes += bytes.count
        do throws(ConnectionError) {
            let connection = unsafe connection
            let isChunked = plan.framing == .chunked
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

    /// How many of `count` bytes more belong to the body.
    private func room(for count: Int) -> Int {
        guard plan.sendsBody else { return 0 }
        guard case .sized(let length) = plan.framing else { return count }
        return Int(Swift.min(UInt64(count), length - UInt64(bodyBytes)))
    }

    /// Ends the body. One that is shorter than announced ends the connection too: that is how its client learns of it.
    public func endResponse() async throws(ExchangeError) {
        precondition(progress == .streaming, "a body follows the response's head")
        progress = .answered
        guard plan.sendsBody else { return }
        switch plan.framing {
        case .sized(let length): if UInt64(bodyBytes) < length { keepsAlive = false }
        case .chunked:
            if lacks(Config.maxChunkLine) { try await flush() }
            unsafe connection.output.endChunks()
        case .bare, .untilClose: break
        }
    }

    /// Does what the handler left out.
    func finish() async throws(ExchangeError) {
        if progress == .streaming { return try await endResponse() }
        try await respond(.internalServerError, contentType: "text/plain", "no answer\n")
    }

    /// Waits until the output has room for `byteCount` more bytes.
    func makeRoom(_ byteCount: Int) async throws(ExchangeError) {
        if lacks(byteCount) { try await flush() }
    }

    /// Whether the output has no room for `byteCount` more bytes.
    func lacks(_ byteCount: Int) -> Bool { unsafe connection.output.remaining < byteCount }

    @inline(never)
    func flush() async throws(ExchangeError) {
        do throws(ConnectionError) {
            try await unsafe connection.flush()
        } catch {
            throw .connection(error)
        }
    }
}

extension BodyDecoder {
    /// The decoder of a request without a body.
    static var empty: BodyDecoder {
        do throws(RequestError) { return try BodyDecoder(.none) } catch { fatalError("no body is never too large") }
    }
}
