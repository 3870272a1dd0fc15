// Sources/Server/WebSocket+Serving.swift — a WebSocket's calls, from the connection object that serves it.

import HTTP
import Linux
import Net
import Runtime
import Utilities
import WebSocket

extension WebSocket {
    /// The route that the connection came by.
    var route: WebSocketRoute { unsafe connection.context.router.webSockets[word.route] }

    /// Begins with a connection that has just been upgraded. The request is still in the input.
    func open(_ route: Int, subprotocol: StaticString?, requestLength: Int) async {
        begin(WebSocketWord(route: route))
        hasDeadline = false
        self.requestLength = requestLength
        self.subprotocol = subprotocol
        unsafe connection.isAttended = true
        reportHandshake()
        let options = self.route.options
        do throws(WebSocketError) {
            if options.greeting.utf8CodeUnitCount > 0 { try await send(text: options.greeting) }
            if case .session(let handler) = self.route.action { try await run(handler) }
            try await serveMessages()
        } catch {
            await failed(error)
        }
        suspendService()
    }

    /// Deals with what the connection object was called for.
    func serve() async {
        unsafe begin(WebSocketWord(connection.protocolWord))
        do throws(WebSocketError) {
            try await noticed(unsafe connection.takeOccasion())
            try await serveMessages()
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

    private func begin(_ word: WebSocketWord) {
        self.word = word
        if case .echo = route.action { isEcho = true } else { isEcho = false }
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
        unsafe connection.protocolWord = word.rawValue
    }

    /// Runs until nothing is left that could be done, and no message is under way.
    private func serveMessages() async throws(WebSocketError) {
        while true {
            switch try step() {
            case .again: break
            case .message: try await deliver()
            case .needsRoom: try await flush()
            case .needsInput:
                guard isBetweenMessages else {
                    try await wait()
                    break
                }
                if unsafe connection.isDrainDue { try await goAway() }
                return
            case .closed: return
            }
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
