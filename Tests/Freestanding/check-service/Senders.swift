// Tests/Freestanding/check-service/Senders.swift — WebSockets that other tasks send to.

import Bytes
import HTTP
import Net
import Runtime
import Server
import WebSocket
import _Concurrency

/// The routes whose WebSockets are sent to from elsewhere: those of `/listen`, `/listen-idle` and `/listen-wake` are
/// listeners, to which requests of other connections, on any worker, send.
enum Senders {
    static func add(to router: Router) {
        var small = WebSocketOptions()
        small.sendQueue = 64 << 10
        // A session that waits for its peer.
        router.webSocketSession("/listen", small) { socket throws(WebSocketError) in
            try await listen(socket)
            while try await socket.receive() { try await socket.send(text: socket.message) }
        }
        // No task between two messages.
        router.webSocket("/listen-idle", small) { socket throws(WebSocketError) in
            try await listen(socket)
        }
        router.webSocketSession("/listen-wake", small) { socket throws(WebSocketError) in
            try await listen(socket)
            while true {
                switch try await socket.nextEvent() {
                case .message: try await socket.send(text: socket.message)
                case .woken: try await socket.send(text: "woken")
                case .end: return
                }
            }
        }
        // It waits for something else than its peer.
        router.webSocketSession("/listen-asleep", small) { socket throws(WebSocketError) in
            try await listen(socket)
            await sleep(milliseconds: 300)
            while try await socket.receive() {}
        }
        router.on(.post, "/try/:bytes") { exchange throws(ServiceError) in
            let result = send(bytes: Int(exchange.parameter(0).decimal ?? 0))
            try await exchange.respond(.ok, contentType: "text/plain", name(of: result))
        }
        // So many messages of so many bytes, from a task of its own, which waits while the queue is full.
        router.on(.post, "/send/:count/:bytes") { exchange throws(ServiceError) in
            let (count, bytes) = (exchange.parameter(0).decimal ?? 0, Int(exchange.parameter(1).decimal ?? 0))
            guard let sender = list.withLock({ $0.last }) else { throw ServiceError(.notFound) }
            let task = Task.detached {
                var result = SendResult.queued
                for index in 0..<count where result == .queued {
                    result = await sender.send(binary: message(number: index, bytes: bytes).span)
                }
                return result
            }
            if exchange.query.count > 0 {
                await sleep(milliseconds: 50)
                task.cancel()
            }
            try await exchange.respond(.ok, contentType: "text/plain", name(of: await task.value))
        }
        router.on(.post, "/wake") { exchange throws(ServiceError) in
            list.withLock { for sender in $0 { sender.wake() } }
            try await exchange.respond(.ok, contentType: "text/plain", "done\n")
        }
        router.on(.post, "/close") { exchange throws(ServiceError) in
            list.withLock { senders in
                for sender in senders { sender.close(code: CloseCode(rawValue: 4003), reason: "closed from elsewhere") }
            }
            try await exchange.respond(.ok, contentType: "text/plain", "done\n")
        }
        router.on(.post, "/forget") { exchange throws(ServiceError) in
            list.withLock { $0 = [] }
            try await exchange.respond(.ok, contentType: "text/plain", "done\n")
        }
    }

    // SHARED: under its lock.
    private static let list = Mutex<[WebSocketSender]>([])

    private static func listen(_ socket: WebSocket<WebSocketError>) async throws(WebSocketError) {
        let sender = socket.sender
        list.withLock { if !$0.contains(sender) { $0.append(sender) } }
        try await socket.send(text: "listening")
    }

    /// Sends a message to all. What became of the last one.
    private static func send(bytes: Int) -> SendResult {
        let message = message(number: 0, bytes: bytes)
        return list.withLock { senders in
            var result = SendResult.closed
            for sender in senders { result = sender.trySend(binary: message.span) }
            return result
        }
    }

    private static func message(number: UInt64, bytes: Int) -> [UInt8] {
        var message = [UInt8](repeating: UInt8(ascii: "x"), count: bytes)
        for index in 0..<Swift.min(bytes, 8) {
            message[index] = UInt8(truncatingIfNeeded: number >> (8 * UInt64(index)))
        }
        return message
    }

    private static func name(of result: SendResult) -> StaticString {
        switch result {
        case .queued: "queued\n"
        case .full: "full\n"
        case .closed: "closed\n"
        case .invalidText: "invalid\n"
        }
    }
}
