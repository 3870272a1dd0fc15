// Sources/Server/WebSocket+Closing.swift — the ends of a WebSocket (RFC 6455 §7), and what goes before: silence.

import Bytes
import HTTP
import Linux
import Net
import Runtime
import WebSocket

extension WebSocket {
    /// Sends a Close frame. There is room.
    func sendClose(_ code: CloseCode, _ reason: StaticString) {
        precondition(code.mayBeSent, "a Close frame with a code that must not be in one")
        unsafe connection.output.append(close: code, reason: reason)
        word.hasSentClose = true
        hasDeadline = false
    }

    /// The peer has sent its Close frame: it is answered, if it is no answer itself. The server ends the connection
    /// first (§7.1.1).
    func peerClosed(_ code: CloseCode?) {
        peerCloseCode = code
        let isAnswer = word.hasSentClose
        let connection = unsafe connection
        let noReason: StaticString = ""
        if !isAnswer { connection.output.append(close: code, reason: noReason.bytes) }
        report(code ?? .noStatus, by: isAnswer ? "server" : "peer", nil)
        end(lingering: connection.input.count > 0)
    }

    /// Something went wrong that this side knows of. The peer is told why, if it can still be told (§7.1.7).
    func failed(_ error: WebSocketError) async {
        guard !isClosed else { return }
        let failure: WebSocketFailure
        switch error {
        case .connection: return lost()
        case .failure(let reason): failure = reason
        case .closed, .invalidText: failure = .handlerFailed
        }
        do throws(WebSocketError) {
            try await close(code: failure.code, reason: failure.reason)
        } catch {
            return lost()
        }
        report(failure.code, by: "server", failure.reason)
        end(lingering: true)
    }

    /// The connection is at its end, without a closing handshake.
    func lost() {
        guard !isClosed else { return }
        report(.abnormal, by: "peer", "connection lost")
        end(lingering: false)
    }

    private func end(lingering: Bool) {
        isClosed = true
        unsafe connection.managesLifetime = false
        unsafe connection.close(lingering: lingering)
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

    // MARK: Silence

    /// Waits for more, or for whatever else happens.
    func wait() async throws(WebSocketError) {
        if unsafe connection.isDrainDue { try await goAway() }
        log.flush(descriptor)
        setDeadline()
        let event: ConnectionHandler.Event
        do throws(ConnectionError) {
            event = try await unsafe connection.wait()
        } catch {
            throw .connection(error)
        }
        try await handle(event)
    }

    /// Bytes have come, or not.
    func handle(_ event: ConnectionHandler.Event) async throws(WebSocketError) {
        switch event {
        case .input: heardFromPeer()
        case .deadline: try await wasSilent()
        case .draining: try await goAway()
        case .end: lost()
        }
    }

    /// Any traffic counts as life.
    @inline(__always)
    func heardFromPeer() {
        if word.hasSentClose { return }
        word.awaitsLife = false
        hasDeadline = false
    }

    /// The deadline has passed: of the peer's answer to a Close, of a sign of life, or of the time for a Ping.
    private func wasSilent() async throws(WebSocketError) {
        guard !word.hasSentClose else { return lost() }
        if unsafe connection.isDraining { return try await goAway() }
        guard !word.awaitsLife else { throw .failure(.pingTimeout) }
        if lacks(Config.maxControlFrame) { try await flush() }
        unsafe connection.output.append(frameHead: .ping, payloadCount: 0)
        word.awaitsLife = true
        hasDeadline = false
    }

    /// The process drains.
    func goAway() async throws(WebSocketError) {
        try await close(code: .goingAway, reason: "the server stops")
    }

    /// Sets the deadline of the state that the WebSocket is in, if that has begun just now.
    func setDeadline() {
        guard !hasDeadline else { return }
        hasDeadline = true
        let connection = unsafe connection
        connection.setDeadline(after: Self.idleTimeout(word, connection.context.settings, connection.drainDelay))
    }

    /// How long, in milliseconds, the peer may be silent in the state that the word says.
    ///
    /// - Parameter drainDelay: the time until the WebSocket is to end, if the process does.
    static func idleTimeout(_ word: IdleWebSocketState, _ settings: ServerSettings, _ drainDelay: Int?) -> Int {
        if word.hasSentClose { return settings.closeTimeout.rawValue }
        let idleTimeout = (word.awaitsLife ? settings.pingTimeout : settings.pingInterval).rawValue
        return Swift.min(idleTimeout, drainDelay ?? idleTimeout)
    }
}
