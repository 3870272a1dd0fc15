// Sources/Server/HTTPConnectionHandler.swift — from a connection's bytes to exchanges, and back.

import Bytes
import HTTP
import Linux
import Logging
import Net
import Options
import Primitives
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
///
/// - Invariant: ``exchangeReference`` is set once the initialiser has returned; it and ``socketReference`` refer to
///   objects that belong to this one, which `deinit` frees, and the latter to nothing but a ``WebSocketState``.
@safe final class HTTPConnectionHandler: ConnectionHandler {
    private(set) var context: WorkerContext
    private let serviceContext: WorkerContext
    private let administrationContext: WorkerContext
    // The two objects that belong to this one, immortal; see `makeImmortal(_:)`.
    private var exchangeReference: ImmortalReference<ExchangeState>?
    /// A ``WebSocketState``, made when this object serves one for the first time. Its type is not named here, or every
    /// program would link its code.
    private var socketReference: ImmortalReference<AnyObject>?
    /// Whether the exchange holds the head of a request that ``serveWithoutSuspending()`` could not answer.
    private var hasHead = false
    /// The error that ``serveWithoutSuspending()`` had no room to answer.
    private var unanswered: ExchangeError?

    init(_ loop: ConnectionLoop, _ context: WorkerContext, administration: WorkerContext) {
        self.context = context
        serviceContext = context
        administrationContext = administration
        super.init(loop)
        let exchange = ExchangeState(self)
        makeImmortal(exchange)
        exchangeReference = ImmortalReference(exchange)
    }

    deinit {
        // SAFETY: they are this object's alone.
        unsafe exchangeReference?.free()
        unsafe socketReference?.free()
    }

    @inline(__always)
    var exchange: ExchangeState {
        // SAFETY: set by the initialiser; it lives as long as this object.
        unsafe exchangeReference.unsafelyUnwrapped.object
    }

    /// The object for WebSockets, made when it is first needed.
    var socket: WebSocketState {
        let reference = socketReference ?? makeSocket()
        // SAFETY: `makeSocket()` alone sets it.
        return unsafe unsafeDowncast(reference.object, to: WebSocketState.self)
    }

    @inline(never)
    private func makeSocket() -> ImmortalReference<AnyObject> {
        let socket = WebSocketState(self)
        makeImmortal(socket)
        let reference = ImmortalReference<AnyObject>(socket)
        socketReference = reference
        return reference
    }

    override func serveWithoutSuspending() -> Bool {
        context = isForAdministration ? administrationContext : serviceContext
        if let upgrade { return upgrade.serveWithoutSuspending(self) }
        defer { context.accessLog?.flush() }
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
        if let upgrade { return await upgrade.serve(self) }
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
        context.accessLog?.flush()
    }

    /// What serves the connection, if it has left HTTP; see ``UpgradeRoute``.
    private var upgrade: UpgradeRoute? {
        @inline(__always) get {
            let state = protocolState
            return state >> 31 == 0 ? nil : context.router.upgrades[Int(state & 0xFF)]
        }
    }

    /// Serves the next request, and suspends if necessary. False: there is none, or the connection must be closed.
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
        /// The head has not come whole, or the connection must be closed.
        case stop
    }

    /// Parses a head, and answers it at once if that needs neither a handler nor a body nor more room: the common case,
    /// without the cost of an async call.
    private func serveWithoutSuspending(_ exchange: ExchangeState) throws(ExchangeError) -> Step {
        guard try parseHead(exchange) else { return .stop }
        exchange.match = context.router.table.match(exchange.cycle.head.method, input[exchange.cycle.head.path])
        guard case .found(let match) = exchange.match,
            case .fixed(let index) = context.router.routes[match.index].action,
            exchange.cycle.head.framing == .none, output.remaining >= context.maxLength(ofContent: index)
        else { return .needsTime }
        send(fixed: index, match, exchange)
        return finish(exchange.cycle.finishWithoutBody(input)) ? .done : .stop
    }

    /// Looks for a head. False: there is none yet.
    @inline(__always)
    private func parseHead(_ exchange: ExchangeState) throws(ExchangeError) -> Bool {
        let before = protocolState
        var scanned = Int(before)
        let step: RequestCycle.HeadStep
        do throws(RequestError) {
            step = try exchange.cycle.parseHead(input, scanned: &scanned, context.settings.limits, &context.memo)
        } catch {
            throw .request(error)
        }
        if scanned != Int(before) { protocolState = UInt32(truncatingIfNeeded: scanned) }
        guard case .incomplete(let consumed, let wait) = step else { return true }
        consume(consumed)
        switch wait {
        case .idle: setDeadline(after: context.settings.idleTimeout.rawValue)
        case .head: setDeadline(after: context.settings.requestTimeout.rawValue)
        case .unchanged: break
        }
        return false
    }

    /// Takes the request out of the input, or closes. False: the connection was closed.
    @inline(__always)
    private func finish(_ end: RequestCycle.End) -> Bool {
        switch end {
        case .next(let consumed):
            consume(consumed)
            return true
        case .close(let lingering):
            close(lingering: lingering)
            return false
        }
    }

    /// Answers the request that was parsed, reads its body, and takes it out of the input.
    ///
    /// - Returns: whether the connection goes on.
    private func serveInTime(_ exchange: ExchangeState) async throws(ExchangeError) -> Bool {
        try exchange.begin(maxBody: context.settings.maxBody)
        if case .found(let match) = exchange.match,
            case .upgrade(let index) = context.router.routes[match.index].action,
            try await context.router.upgrades[index].upgrade(self, index, match)
        {
            return false
        }
        if let handler = handler(of: exchange) {
            try await run(handler, exchange)
        } else {
            try await exchange.prepareAnswer(room: room(for: exchange))
            answer(exchange)
        }
        if exchange.cycle.needsRestOfBody { try await exchange.discardBody() }
        return finish(exchange.cycle.finish(input))
    }

    private func handler(of exchange: ExchangeState) -> Handler? {
        guard case .found(let match) = exchange.match,
            case .handler(let handler) = context.router.routes[match.index].action
        else { return nil }
        exchange.parameters = match.parameters
        return handler
    }

    /// How long the handler may take; 0: any time.
    private func timeout(of exchange: ExchangeState) -> Milliseconds {
        guard case .found(let match) = exchange.match else { return context.settings.handlerTimeout }
        return context.router.timeouts[match.index] ?? context.settings.handlerTimeout
    }

    /// Answers 503 (RFC 9110 §15.6.4) if the handler, which goes on, has sent nothing of a response. What it goes on to
    /// write changes its exchange, but nothing of it is sent.
    override func answerOverdue() -> Bool {
        let exchange = exchange
        let descriptor = descriptor
        Log.write(.http, level: .warning) { line in
            line.append(" fd=", Int(descriptor.rawValue))
            line.append(" reason=handler-timeout")
        }
        context.metrics.handlerTimeouts.add()
        guard exchange.cycle.phase == .unanswered else { return false }
        let cycle = exchange.cycle
        refuse(.serviceUnavailable, closes: true)
        exchange.cycle = cycle
        context.accessLog?.flush()
        return true
    }

    /// Bytes that the answer takes at most, if no handler writes it.
    private func room(for exchange: ExchangeState) -> Int {
        guard case .found(let match) = exchange.match,
            case .fixed(let index) = context.router.routes[match.index].action
        else { return Config.maxResponseHead }
        return context.maxLength(ofContent: index)
    }

    private func run(_ handler: Handler, _ exchange: ExchangeState) async throws(ExchangeError) {
        limitTime(to: timeout(of: exchange).rawValue)
        try await handler.serve(exchange)
        guard endTimeLimit() else { throw .connection(.timedOut) }
        if exchange.cycle.phase != .answered { try await exchange.finish() }
        if case .found(let match) = exchange.match { note(match) }
    }

    /// ``failed(_:_:)`` as soon as there is room for an answer.
    private func failedInTime(_ error: ExchangeError, _ exchange: ExchangeState) async {
        do throws(ExchangeError) {
            try await exchange.makeRoom(Config.maxResponseHead)
        } catch {
            return close()
        }
        failed(error, exchange)
    }

    /// Answers an error of a request, if nothing of a response was sent, and closes. There is room.
    private func failed(_ error: ExchangeError, _ exchange: ExchangeState) {
        let mayAnswer = exchange.cycle.fail()
        guard case .request(let reason) = error else { return close() }
        if mayAnswer {
            answer(reason.status, reason: reason.reason, isHead: exchange.cycle.head.method == .head)
        }
        close(lingering: true)
    }

    // MARK: Answers without a handler, counted and logged

    /// Answers a request without a handler. The output has room.
    func answer(_ exchange: ExchangeState) {
        switch exchange.match {
        case .found(let match):
            switch context.router.routes[match.index].action {
            case .fixed(let index): send(fixed: index, match, exchange)
            case .upgrade(let index): context.router.upgrades[index].refuse(self)
            case .handler: break
            }
        case .notFound:
            refuse(.notFound)
        case .methodNotAllowed(let allowed):
            // One that only asks what is allowed is told so (RFC 9110 §9.3.7).
            refuse(exchange.cycle.head.method == .options ? .noContent : .methodNotAllowed, allowed)
        case .methodUnknown:
            refuse(.notImplemented)
        }
    }

    func send(fixed index: Int, _ match: RouteMatch, _ exchange: ExchangeState) {
        let response = ResponseContext(exchange.cycle.head, mayKeepAlive: !isDraining)
        let number = context.responseNumber(forContent: index, exchange, input)
        let status = context.send(response: number, response, on: self)
        exchange.status = status
        exchange.cycle.answer(
            bodyBytes: response.isHead ? 0 : context.bodyLength(ofResponse: number), keepsAlive: response.keepsAlive)
        note(match)
    }

    /// Counts and logs an answer.
    func note(_ match: RouteMatch) {
        context.metrics.count(exchange.status)
        context.accessLog?.answered(self, match.index, context.router.routes[match.index].pattern)
    }

    /// - Parameter closes: whether the connection ends behind the answer.
    func refuse(_ status: Status, _ allowed: MethodSet = MethodSet(), fields: StaticString = "", closes: Bool = false) {
        let exchange = exchange
        let response = ResponseContext(exchange.cycle.head, mayKeepAlive: !closes && !isDraining)
        let length = output.append(plain: status, response, context.date, allowing: allowed, fields: fields)
        exchange.status = status
        exchange.cycle.answer(bodyBytes: length, keepsAlive: response.keepsAlive)
        context.metrics.count(status)
        context.accessLog?.refused(self)
    }

    /// Answers bytes that are not a request; the connection ends behind them. There is room.
    ///
    /// - Parameter isHead: whether it asks for no body, as far as that is known.
    func answer(_ status: Status, reason: StaticString, isHead: Bool) {
        var response = ResponseContext.unreadable
        response.isHead = isHead
        let length = output.append(plain: status, response, context.date)
        context.metrics.count(status)
        context.accessLog?.malformed(self, status, reason, length)
    }
}
