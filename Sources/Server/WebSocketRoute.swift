// Sources/Server/WebSocketRoute.swift — a WebSocket's life, from the upgrade to the end, as its connection calls it.

import Bytes
import HTTP
import Linux
import Logging
import Net
import Options
import Primitives
import Runtime
import WebSocket

/// Upgrades the connections of a route to WebSockets (RFC 6455 §4.2), and serves them.
final class WebSocketRoute: UpgradeRoute, @unchecked Sendable {
    enum Action {
        /// Each message is sent back, in the opcode in which it came.
        case echo
        /// Called for each message. Between two of them no task exists: an idle WebSocket takes its slot only.
        case message(WebSocketHandler)
        /// Called once; the WebSocket lasts as long as the call.
        case session(WebSocketHandler)
    }

    let action: Action
    let options: WebSocketOptions

    init(_ pattern: StaticString, _ action: Action, _ options: WebSocketOptions) {
        self.action = action
        self.options = options
        super.init(pattern)
        makeImmortal(self)
    }

    var isEcho: Bool { if case .echo = action { true } else { false } }

    override func upgrade(
        _ connection: HTTPConnectionHandler, _ number: Int, _ match: RouteMatch
    ) async throws(ExchangeError) -> Bool {
        let exchange = connection.exchange
        guard !connection.isDraining, problem(connection) == nil else { return false }
        exchange.parameters = match.parameters
        let subprotocol = options.chooseSubprotocol?(Exchange(exchange))
        try await exchange.makeRoom(Config.maxResponseHead)
        guard let key = exchange.head.field(.webSocketKey, in: connection.input) else { return false }
        connection.output.append(switchingProtocolsFor: key, subprotocol: subprotocol)
        exchange.status = .switchingProtocols
        exchange.cycle.answer(bodyBytes: 0, keepsAlive: true)
        connection.note(match)
        connection.context.accessLog?.flush()
        await connection.socket.open(self, number, subprotocol: subprotocol, requestLength: exchange.head.length)
        return true
    }

    /// Answers a request that is not a valid handshake, or that comes when the process is ending.
    override func refuse(_ connection: HTTPConnectionHandler) {
        let problem = problem(connection)
        connection.refuse(problem?.status ?? .serviceUnavailable, fields: problem?.fields ?? "")
    }

    /// Why the request is not answered by an upgrade; nil if it is.
    private func problem(_ connection: HTTPConnectionHandler) -> HandshakeProblem? {
        let origins = connection.context.settings.allowedOrigins
        return Handshake.judge(connection.exchange.head, in: connection.input, allowedOrigins: origins.span)
    }

    override func serveWithoutSuspending(_ connection: HTTPConnectionHandler) -> Bool {
        connection.socket.serveWithoutSuspending(self)
    }

    override func serve(_ connection: HTTPConnectionHandler) async { await connection.socket.serve(self) }

    override func idleTimeout(_ protocolState: UInt32, _ settings: ServerSettings, _ drainDelay: Int?) -> Int {
        IdleWebSocketState(protocolState).idleTimeout(settings, drainDelay)
    }
}

// The second half of `WebSocketState`: what the connection calls. WebSocketState.swift is what handlers call.
extension WebSocketState {
    /// What ``serveWithoutSuspending(_:)`` leaves to ``serve(_:)``.
    enum Unfinished {
        case step(MessageAssembler.Step)
        case failure(WebSocketError)
    }

    // MARK: Calls

    /// Begins with a connection that has just been upgraded. The request is still in the input.
    ///
    /// - Parameter number: the route's among the router's upgrades.
    func open(_ route: WebSocketRoute, _ number: Int, subprotocol: StaticString?, requestLength: Int) async {
        let connection = connection
        begin(route, IdleWebSocketState(route: number, isEcho: route.isEcho))
        hasDeadline = false
        self.requestLength = requestLength
        self.subprotocol = subprotocol
        connection.managesLifetime = true
        reportHandshake(route.pattern)
        let options = route.options
        do throws(WebSocketError) {
            if options.greeting.utf8CodeUnitCount > 0 { try await send(.text, options.greeting.bytes) }
            if case .session(let handler) = route.action { try await run(handler) }
            try await serveMessages(from: .again)
        } catch {
            await failed(error)
        }
        suspendService()
    }

    /// Handles the frames that have come, up to the first that needs a suspension.
    ///
    /// - Returns: whether nothing is left to do; if not, ``serve(_:)`` goes on.
    func serveWithoutSuspending(_ route: WebSocketRoute) -> Bool {
        begin(route, IdleWebSocketState(connection.protocolState))
        guard connection.event == .input else { return false }
        heardFromPeer()
        do throws(WebSocketError) {
            while true {
                let step = try step()
                if step == .again { continue }
                guard step == .closed || (step == .needsInput && isAtRest) else {
                    unfinished = .step(step)
                    return false
                }
                suspendService()
                return true
            }
        } catch {
            unfinished = .failure(error)
            return false
        }
    }

    /// Goes on where ``serveWithoutSuspending(_:)`` could not.
    func serve(_ route: WebSocketRoute) async {
        do throws(WebSocketError) {
            switch unfinished {
            case .none:
                // It may be called again without a new beginning.
                begin(route, IdleWebSocketState(connection.protocolState))
                try await handle(connection.takeEvent())
                try await serveMessages(from: .again)
            case .step(let step):
                unfinished = nil
                try await serveMessages(from: step)
            case .failure(let error):
                unfinished = nil
                throw error
            }
        } catch {
            await failed(error)
        }
        suspendService()
    }

    private func begin(_ route: WebSocketRoute, _ state: IdleWebSocketState) {
        self.route = route
        idleState = state
        hasDeadline = true
        assembler.begin(echoes: state.isEcho, hasSentClose: state.hasSentClose)
        requestLength = 0
        subprotocol = nil
    }

    /// Keeps the state in the connection's slot, and forgets the connection.
    private func suspendService() {
        log.flush(descriptor)
        assembler.removeMessage()
        guard assembler.readyState != .closed else { return }
        setDeadline()
        connection.protocolState = idleState.rawValue
    }

    // MARK: Messages

    /// Takes one step after the other, from `first` on, until more input is needed and no message is under way.
    private func serveMessages(from first: MessageAssembler.Step) async throws(WebSocketError) {
        var next = first
        while true {
            switch next {
            case .again: break
            case .message: try await deliver()
            case .needsRoom: try await flush()
            case .needsInput:
                if isAtRest { return }
                if assembler.isBetweenMessages { return try await goAway() }
                try await wait()
            case .closed: return
            }
            next = try step()
        }
    }

    /// Whether no message is under way, and the process does not end.
    private var isAtRest: Bool { assembler.isBetweenMessages && !(connection.isDrainDue) }

    /// Gives the message to the route's action.
    private func deliver() async throws(WebSocketError) {
        switch route?.action {
        case .echo: try await send(isText ? .text : .binary, message)
        case .message(let handler): try await call(handler)
        // A session that has returned receives no more.
        case .session, nil: break
        }
        endMessage()
    }

    private func run(_ handler: WebSocketHandler) async throws(WebSocketError) {
        try await call(handler)
        endMessage()
        try await close(code: .normal, reason: "")
    }

    private func call(_ handler: WebSocketHandler) async throws(WebSocketError) {
        log.flush(descriptor)
        connection.clearDeadline()
        hasDeadline = false
        forgetErrors()
        try await handler.serve(self)
    }

    // MARK: The end (RFC 6455 §7)

    /// The peer has sent its Close frame, and has its answer if that was none itself. The server ends the connection
    /// first (§7.1.1).
    func peerClosed(isAnswer: Bool) {
        report(peerCloseCode ?? .noStatus, by: isAnswer ? "server" : "peer", nil)
        let connection = connection
        end(lingering: connection.input.count > 0)
    }

    /// Fails the connection: tells the peer why in a Close frame, if one may still be sent (§7.1.7).
    private func failed(_ error: WebSocketError) async {
        guard assembler.readyState != .closed else { return }
        let failure: WebSocketFailure
        switch error {
        case .connection: return lost()
        case .failure(let reason): failure = reason
        case .closed, .invalidText: failure = .handlerFailed
        }
        do throws(WebSocketError) {
            try await end(with: failure.code, failure.reason)
        } catch {
            lost()
        }
    }

    /// Ends the connection behind a Close frame, if one may still be sent, for which no answer is awaited.
    func end(with code: CloseCode, _ reason: StaticString) async throws(WebSocketError) {
        try await close(code: code, reason: reason)
        report(code, by: "server", reason)
        end(lingering: true)
    }

    /// Notes the connection's end without a closing handshake.
    private func lost() {
        guard assembler.readyState != .closed else { return }
        report(.abnormal, by: "peer", "connection lost")
        end(lingering: false)
    }

    private func end(lingering: Bool) {
        assembler.connectionEnded()
        connection.managesLifetime = false
        connection.close(lingering: lingering)
    }

    /// Closes the WebSocket because the process drains.
    private func goAway() async throws(WebSocketError) {
        try await close(code: .goingAway, reason: "the server stops")
    }

    // MARK: Silence

    /// Waits for more, or for another event.
    func wait() async throws(WebSocketError) {
        if connection.isDrainDue { try await goAway() }
        log.flush(descriptor)
        setDeadline()
        let event: ConnectionHandler.Event
        do throws(ConnectionError) {
            event = try await connection.wait()
        } catch {
            throw .connection(error)
        }
        try await handle(event)
    }

    private func handle(_ event: ConnectionHandler.Event) async throws(WebSocketError) {
        switch event {
        case .input: heardFromPeer()
        case .deadline: try await wasSilent()
        case .draining: try await goAway()
        case .end: lost()
        case .woken: break
        }
    }

    /// Notes a sign of life: any traffic counts.
    @inline(__always)
    private func heardFromPeer() {
        if idleState.hasSentClose { return }
        idleState.awaitsLife = false
        hasDeadline = false
    }

    /// The deadline has passed: of the peer's answer to a Close, of a sign of life, or of the time for a Ping.
    private func wasSilent() async throws(WebSocketError) {
        guard !idleState.hasSentClose else { return lost() }
        if connection.isDraining { return try await goAway() }
        guard !idleState.awaitsLife else { throw .failure(.pingTimeout) }
        if lacks(Config.maxControlFrame) { try await flush() }
        connection.output.append(frameHead: .ping, payloadCount: 0)
        idleState.awaitsLife = true
        hasDeadline = false
    }

    /// Sets the deadline of the state that the WebSocket is in, if that has begun just now.
    func setDeadline() {
        guard !hasDeadline else { return }
        hasDeadline = true
        let connection = connection
        connection.setDeadline(after: idleState.idleTimeout(connection.context.settings, connection.drainDelay))
    }

    // MARK: The log

    private func reportHandshake(_ pattern: StaticString) {
        let (descriptor, subprotocol) = (descriptor, subprotocol)
        Log.write(.ws) { line in
            line.append(" fd=", Int(descriptor.rawValue))
            line.append(" handshake complete route=", pattern)
            if let subprotocol { line.append(" protocol=", subprotocol) }
        }
    }

    private func report(_ code: CloseCode, by side: StaticString, _ reason: StaticString?) {
        log.flush(descriptor)
        let descriptor = descriptor
        Log.write(.ws) { line in
            line.append(" fd=", Int(descriptor.rawValue))
            line.append(" closed code=", Int(code.rawValue))
            line.append(" by=", side)
            if let reason { line.append(" reason=", reason) }
        }
    }
}
