// Sources/Server/WebSocketPost.swift — from the queues of senders to the connections of one worker.

import Bytes
import HTTP
import Linux
import Net
import Primitives
import Runtime
import WebSocket

/// Sends what waits in the ``SendQueue``s of one worker's WebSockets.
///
/// - Invariant: the loop is an HTTP server's, so that its handlers are ``HTTPConnectionHandler``s. `queues` holds a
///   queue for each open connection with `DescriptorFlags.addressed`, and no other.
@safe final class WebSocketPost: ConnectionPost {
    private let loop: ConnectionLoop
    /// Lists of queues, by the last bits of their descriptors' numbers. Not an array: its metadata would be linked into
    /// every program.
    private var queues: [1024 of SendQueue?] = .init(repeating: nil)

    private init(_ loop: ConnectionLoop) { self.loop = loop }

    /// The post of `loop`, made when it is first needed.
    static func of(_ loop: ConnectionLoop) -> WebSocketPost {
        if let post = loop.post {
            // SAFETY: nothing else installs one.
            return unsafe unsafeDowncast(post, to: WebSocketPost.self)
        }
        let post = WebSocketPost(loop)
        loop.install(post)
        return post
    }

    /// The queue of a connection, made when it is first needed.
    func queue(of slot: Slot, limit: Int) -> SendQueue {
        if let queue = self.queue(of: slot) { return queue }
        let queue = SendQueue(slot, on: loop.worker, limit: limit)
        queue.next = queues[place(of: slot)]
        queues[place(of: slot)] = queue
        slot.flags.insert(.addressed)
        return queue
    }

    /// The queue of a connection, if it has one.
    func queue(of slot: Slot) -> SendQueue? {
        guard slot.flags.contains(.addressed) else { return nil }
        var queue = queues[place(of: slot)]
        while let current = queue, current.descriptor != slot.descriptor { queue = current.next }
        return queue
    }

    private func place(of slot: Slot) -> Int { Int(slot.descriptor.rawValue) & (queues.count - 1) }

    // MARK: What the loop says

    override func received(_ message: UInt) {
        guard let address = unsafe UnsafeRawPointer(bitPattern: message & ~1) else { return }
        // SAFETY: `SendQueue.ring(_:)` sends these only, with a reference.
        let queue = unsafe Unmanaged<SendQueue>.fromOpaque(address).takeRetainedValue()
        if message & 1 == 0 {
            pump(queue)
        } else {
            queue.noteWake()
            if let slot = queue.slot { loop.wake(slot) }
        }
        loop.finishMessage()
    }

    override func outputSent(_ slot: Slot) {
        if let queue = queue(of: slot) { pump(queue) }
    }

    override func ended(_ slot: Slot) {
        guard let queue = queue(of: slot) else { return }
        slot.flags.remove(.addressed)
        queue.end()
        let place = place(of: slot)
        // A sender that keeps this queue keeps no other.
        defer { queue.next = nil }
        if queues[place] === queue { return queues[place] = queue.next }
        var before = queues[place]
        while let current = before, current.next !== queue { before = current.next }
        before?.next = queue.next
    }

    // MARK: Sending

    /// Sends what waits, as far as the peer takes it.
    private func pump(_ queue: SendQueue) {
        guard let slot = queue.slot, isOpen(slot) else { return queue.end() }
        while loop.maySend(slot), let entry = unsafe queue.firstEntry() {
            guard unsafe entry.pointee.opcode != .close else {
                unsafe close(slot, entry.pointee.code, entry.pointee.reason)
                loop.sendAppended(slot)
                return queue.end()
            }
            guard unsafe append(entry, to: slot) else { return queue.end() }
            queue.removeFirst()
        }
        guard loop.sendAppended(slot) else { return queue.end() }
        queue.offerRoom()
    }

    private func append(_ entry: UnsafeMutablePointer<SendEntry>, to slot: Slot) -> Bool {
        let (opcode, count) = unsafe (entry.pointee.opcode, entry.pointee.byteCount)
        let hasHead = loop.append(slot, room: FrameHeader.maxSentCount) {
            $0.append(frameHead: opcode, payloadCount: count)
        }
        // SAFETY: the payload is in the entry's block, which `SendQueue.removeFirst()` frees.
        let start = unsafe UnsafeRawPointer(entry + 1).assumingMemoryBound(to: UInt8.self)
        return unsafe hasHead && loop.append(slot, Span(_unsafeStart: start, count: count))
    }

    /// Whether the WebSocket has sent no Close frame, and its connection has not ended.
    private func isOpen(_ slot: Slot) -> Bool {
        guard !slot.phase.isEnding else { return false }
        if let socket = socket(of: slot) { return socket.assembler.readyState == .open }
        return !IdleWebSocketState(slot.protocolState).hasSentClose
    }

    /// Appends a Close frame; the peer has some time to answer it.
    private func close(_ slot: Slot, _ code: CloseCode, _ reason: StaticString) {
        if let socket = socket(of: slot) {
            let isAppended = loop.append(slot, room: Config.maxControlFrame) {
                socket.assembler.close(code, reason: reason, &$0)
            }
            guard isAppended else { return }
            socket.idleState.hasSentClose = true
            socket.hasDeadline = false
            socket.setDeadline()
            socket.hasDeadline = false
        } else {
            var state = IdleWebSocketState(slot.protocolState)
            let isAppended = loop.append(slot, room: Config.maxControlFrame) { $0.append(close: code, reason: reason) }
            guard isAppended else { return }
            state.hasSentClose = true
            slot.protocolState = state.rawValue
            loop.restartIdleTime(slot)
        }
    }

    /// The WebSocket while a task serves it; nil if it is idle.
    private func socket(of slot: Slot) -> WebSocketState? {
        guard let handler = loop.handler(of: slot) else { return nil }
        // SAFETY: the invariant.
        return unsafe unsafeDowncast(handler, to: HTTPConnectionHandler.self).socket
    }
}

extension WebSocketState {
    /// The queue of messages from other tasks.
    var sendQueue: SendQueue {
        let connection = connection
        guard let slot = connection.slot, assembler.readyState == .open else {
            return SendQueue(nil, on: connection.worker, limit: 0)
        }
        return WebSocketPost.of(connection.loop).queue(of: slot, limit: route?.options.sendQueue ?? 0)
    }

    /// ``receive()``, and what else may happen.
    func nextEvent() async throws(WebSocketError) -> WebSocketEvent {
        endMessage()
        while true {
            if takeWake() { return .woken }
            switch try step() {
            case .again: break
            case .message:
                connection.clearDeadline()
                hasDeadline = false
                return .message
            case .needsRoom: try await flush()
            case .needsInput: try await wait()
            case .closed: return .end
            }
        }
    }

    private func takeWake() -> Bool {
        guard let slot = connection.slot, slot.flags.contains(.addressed) else { return false }
        return WebSocketPost.of(connection.loop).queue(of: slot)?.takeWake() ?? false
    }
}
