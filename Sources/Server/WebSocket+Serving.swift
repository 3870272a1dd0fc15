// Sources/Server/WebSocket+Serving.swift — a WebSocket's calls, from the connection object that serves it.

import Bytes
import HTTP
import Linux
import Logging
import Net
import Runtime
import WebSocket

extension WebSocket {
    /// The route that the connection came by.
    var route: WebSocketRoute { unsafe connection.context.router.webSockets[word.route] }

    /// Begins with a connection that has just been upgraded. The request is still in the input.
    func open(_ route: Int, subprotocol: StaticString?, requestLength: Int) async {
        let connection = unsafe connection
        begin(IdleWebSocketState(route: route, isEcho: connection.context.router.webSockets[route].isEcho))
        hasDeadline = false
        self.requestLength = requestLength
        self.subprotocol = subprotocol
        connection.managesLifetime = true
        reportHandshake()
        let options = self.route.options
        do throws(WebSocketError) {
            if options.greeting.utf8CodeUnitCount > 0 { try await send(text: options.greeting) }
            if case .session(let handler) = self.route.action { try await run(handler) }
            try await serveMessages(from: .again)
        } catch {
            await failed(error)
        }
        suspendService()
    }

    /// Deals with the frames that have come, as far as that takes no waiting.
    ///
    /// - Returns: whether nothing is left to do; if not, ``serve()`` goes on.
    func serveWithoutSuspending(_ word: IdleWebSocketState) -> Bool {
        begin(word)
        guard unsafe connection.event == .input else { return false }
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
    func serve() async {
        do throws(WebSocketError) {
            switch unfinished {
            case .none:
                // It may be called again without a new beginning.
                unsafe begin(IdleWebSocketState(connection.protocolState))
                try await handle(unsafe connection.takeEvent())
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

    private func reportHandshake() {
        let (descriptor, route, subprotocol) = (descriptor, route, subprotocol)
        Log.write(.ws) { line in
            line.append(" fd=", Int(descriptor.rawValue))
            line.append(" handshake complete route=", route.pattern)
            if let subprotocol { line.append(" protocol=", subprotocol) }
        }
    }

    private func begin(_ word: IdleWebSocketState) {
        self.word = word
        isClosed = false
        hasDeadline = true
        hasMessage = false
        decoder = FrameDecoder()
        remaining = 0
        requestLength = 0
        peerCloseCode = nil
        subprotocol = nil
    }

    /// Nothing stays of the connection here.
    private func suspendService() {
        log.flush(descriptor)
        store.removeAll()
        guard !isClosed else { return }
        setDeadline()
        unsafe connection.protocolState = word.rawValue
    }

    /// Whether no message is under way, and the process does not end.
    private var isAtRest: Bool { isBetweenMessages && !(unsafe connection.isDrainDue) }

    /// Runs from `first` on until nothing is left that could be done, and no message is under way.
    private func serveMessages(from first: Step) async throws(WebSocketError) {
        var next = first
        while true {
            switch next {
            case .again: break
            case .message: try await deliver()
            case .needsRoom: try await flush()
            case .needsInput:
                if isAtRest { return }
                if isBetweenMessages { return try await goAway() }
                try await wait()
            case .closed: return
            }
            next = try step()
        }
    }

    /// Has the message dealt with.
    private func deliver() async throws(WebSocketError) {
        switch route.action {
        case .echo: try await send(isText ? .text : .binary, message)
        case .message(let handler): try await call(handler)
        // A session that has returned receives no more.
        case .session: break
        }
        endMessage()
    }

    private func run(_ handler: WebSocketHandler) async throws(WebSocketError) {
        try await call(handler)
        endMessage()
        try await close()
    }

    private func call(_ handler: WebSocketHandler) async throws(WebSocketError) {
        log.flush(descriptor)
        unsafe connection.clearDeadline()
        hasDeadline = false
        try await handler(self)
    }
}
