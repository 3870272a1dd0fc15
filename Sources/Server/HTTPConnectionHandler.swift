// Sources/Server/HTTPConnectionHandler.swift — from a connection's bytes to exchanges, and back.

import Bytes
import HTTP
import Linux
import Net
import Runtime
import _Concurrency

/// Serves HTTP/1.1 on connections, one after the other.
///
///                    a whole head                    answered, body read
///     ┌─────────┐ ─────────────────▶ ┌──────────┐ ─────────────────────▶ ┌─────────┐  more input: the next head
///     │ no head │                    │ exchange │                        │ no head │ …
///     └─────────┘                    └──────────┘                        └─────────┘
///        │ an incomplete one: return; called again when more has come     │ none: return, idle
///        │ a wrong one: answer, linger, close                             │ `Connection: close`: close
///
/// The responses to all requests of one read leave in one send, since that happens when ``serve()`` returns.
@safe final class HTTPConnectionHandler: ConnectionHandler {
    private(set) var context: WorkerContext
    private let serviceContext: WorkerContext
    private let administrationContext: WorkerContext
    // The two objects that belong to this one. Nobody counts the references to them; see `makeImmortal(_:)`.
    private var exchangeReference: Unmanaged<Exchange>?
    /// Made when this object serves a WebSocket for the first time.
    private var socketReference: Unmanaged<WebSocket>?
    /// Whether the exchange holds the head of a request that ``serveWithoutSuspending()`` could not answer.
    private var hasHead = false
    /// What ``serveWithoutSuspending()`` had no room to answer.
    private var unanswered: ExchangeError?
    var accessLog = AccessLog()

    init(_ loop: ConnectionLoop, _ context: WorkerContext, administration: WorkerContext) {
        self.context = context
        serviceContext = context
        administrationContext = administration
        super.init(loop)
        unsafe exchangeReference = .passImmortal(Exchange(self))
    }

    deinit {
        // SAFETY: they are this object's alone.
        unsafe exchangeReference?.freeImmortal()
        unsafe socketReference?.freeImmortal()
    }

    @inline(__always)
    var exchange: Exchange {
        // SAFETY: set by the initialiser; it lives as long as this object.
        unsafe exchangeReference.unsafelyUnwrapped._withUnsafeGuaranteedRef { $0 }
    }

    /// The object for WebSockets, made when it is first needed.
    var socket: WebSocket {
        if unsafe socketReference == nil { unsafe socketReference = .passImmortal(WebSocket(self)) }
        // SAFETY: just set; it lives as long as this object.
        return unsafe socketReference.unsafelyUnwrapped._withUnsafeGuaranteedRef { $0 }
    }

    override func serveWithoutSuspending() -> Bool {
        context = isForAdministration ? administrationContext : serviceContext
        let word = IdleWebSocketState(protocolState)
        if word.isWebSocket { return socket.serveWithoutSuspending(word) }
        accessLog.begin(descriptor, isForAdministration: isForAdministration)
        defer { accessLog.flush() }
        guard event == .input else { return false }
        let exchange = exchange
        do throws(ExchangeError) {
            while true {
                switch try serveWithoutSuspending(exchange) {
                case .done: break
                case .needsTime:
                    hasHead = true
                    return false
                case .stop: return true
                }
            }
        } catch {
            guard output.remaining >= Config.maxResponseHead else {
                unanswered = error
                return false
            }
            failed(error, exchange)
            return true
        }
    }

    override func serve() async {
        if IdleWebSocketState(protocolState).isWebSocket { return await socket.serve() }
        if event == .deadline {
            answer(.requestTimeout, reason: "timeout", isHead: false)
            close(lingering: true)
        } else {
            do throws(ExchangeError) {
                if let error = unanswered {
                    unanswered = nil
                    throw error
                }
                while try await serveNext() {}
            } catch {
                await failedInTime(error, exchange)
            }
        }
        accessLog.flush()
    }

    /// Serves the next request, whatever it takes. False: there is none, or the connection is to be closed.
    private func serveNext() async throws(ExchangeError) -> Bool {
        let exchange = exchange
        if !hasHead {
            switch try serveWithoutSuspending(exchange) {
            case .done: return true
            case .needsTime: break
            case .stop: return false
            }
        }
        hasHead = false
        return try await serveInTime(exchange)
    }

    /// What became of the next request.
    private enum Step {
        /// It was answered.
        case done
        /// Its head was parsed; to answer it may take waiting.
        case needsTime
        /// There is no whole head, or the connection is to be closed.
        case stop
    }

    /// Parses a head, and answers it here and now if that takes neither a handler nor a body nor room: the common case,
    /// without any of the cost of an async call.
    private func serveWithoutSuspending(_ exchange: Exchange) throws(ExchangeError) -> Step {
        exchange.reset()
        guard try parse(exchange) else { return .stop }
        exchange.match = context.router.table.match(exchange.head.method, input[exchange.head.path])
        guard case .found(let match) = exchange.match,
            case .fixed(let index) = context.router.routes[match.index].action,
            exchange.head.framing == .none, output.remaining >= context.maxLength(ofContent: index)
        else { return .needsTime }
        send(fixed: index, match, exchange)
        consume(exchange.head.length)
        guard !exchange.keepsAlive else { return .done }
        close(lingering: input.count > 0)
        return .stop
    }

    /// Parses a head. False: there is none yet.
    @inline(__always)
    private func parse(_ exchange: Exchange) throws(ExchangeError) -> Bool {
        let before = protocolState
        guard input.count > 0 else {
            if before == 0 { setDeadline(after: context.settings.idleTimeout.rawValue) }
            return false
        }
        var scanned = Int(before)
        let isComplete: Bool
        do throws(RequestError) {
            isComplete = try RequestParser.parse(
                input, scanned: &scanned, limits: context.settings.limits, memo: &context.memo, into: &exchange.head)
        } catch {
            throw .request(error)
        }
        if isComplete {
            if before != 0 { protocolState = 0 }
            return true
        }
        if input.isEmptyLines {
            // Behind a body there may be a line end too many (RFC 9112 §2.2): it begins no request.
            consume(input.count)
            scanned = 0
        }
        if scanned == 0 {
            setDeadline(after: context.settings.idleTimeout.rawValue)
        } else if before == 0 {
            // From the first byte on; more bytes do not give more time.
            setDeadline(after: context.settings.requestTimeout.rawValue)
        }
        protocolState = UInt32(truncatingIfNeeded: scanned)
        return false
    }

    /// Answers the request whose head was parsed, reads its body, and takes it out of the input.
    ///
    /// - Returns: whether the connection goes on.
    private func serveInTime(_ exchange: Exchange) async throws(ExchangeError) -> Bool {
        try begin(exchange)
        if case .found(let match) = exchange.match,
            case .webSocket(let index) = context.router.routes[match.index].action,
            try await upgrade(to: index, match, exchange)
        {
            return false
        }
        if let handler = handler(of: exchange) {
            try await run(handler, exchange)
        } else {
            try await exchange.prepareAnswer(room: room(for: exchange))
            answer(exchange)
        }
        if !exchange.decoder.isEnd && exchange.keepsAlive { try await exchange.discardBody() }
        return end(exchange)
    }

    private func begin(_ exchange: Exchange) throws(ExchangeError) {
        do throws(RequestError) {
            exchange.begin(try BodyDecoder(exchange.head.framing, limit: context.settings.maxBody))
        } catch {
            throw .request(error)
        }
    }

    /// Takes the request out of the input. False: the connection is to be closed.
    private func end(_ exchange: Exchange) -> Bool {
        // A body that nobody reads, or requests behind the last one, may still be coming.
        let isUnread = !exchange.decoder.isEnd
        if !isUnread { exchange.end() }
        if !exchange.keepsAlive { close(lingering: isUnread || input.count > 0) }
        return exchange.keepsAlive
    }

    private func handler(of exchange: Exchange) -> Handler? {
        guard case .found(let match) = exchange.match,
            case .handler(let handler) = context.router.routes[match.index].action
        else { return nil }
        exchange.parameters = match.parameters
        return handler
    }

    /// Bytes that the answer takes at most, if no handler writes it.
    private func room(for exchange: Exchange) -> Int {
        guard case .found(let match) = exchange.match,
            case .fixed(let index) = context.router.routes[match.index].action
        else { return Config.maxResponseHead }
        return context.maxLength(ofContent: index)
    }

    private func run(_ handler: Handler, _ exchange: Exchange) async throws(ExchangeError) {
        clearDeadline()
        try await handler(exchange)
        if exchange.progress != .answered { try await exchange.finish() }
        if case .found(let match) = exchange.match { note(match, exchange) }
    }

    /// ``failed(_:_:)`` as soon as there is room for an answer.
    private func failedInTime(_ error: ExchangeError, _ exchange: Exchange) async {
        do throws(ExchangeError) {
            try await exchange.makeRoom(Config.maxResponseHead)
        } catch {
            return close()
        }
        failed(error, exchange)
    }

    /// Answers what is no request, as far as it was not answered yet. There is room.
    private func failed(_ error: ExchangeError, _ exchange: Exchange) {
        guard case .request(let reason) = error else { return close() }
        if exchange.progress == .unanswered {
            answer(reason.status, reason: reason.reason, isHead: exchange.head.method == .head)
        }
        close(lingering: true)
    }
}

extension Span where Element == UInt8 {
    /// Whether these are line ends, one or more, and nothing else.
    fileprivate var isEmptyLines: Bool {
        guard count > 0, count % 2 == 0 else { return false }
        for index in 0..<count where self[index] != (index % 2 == 0 ? .carriageReturn : .lineFeed) { return false }
        return true
    }
}
