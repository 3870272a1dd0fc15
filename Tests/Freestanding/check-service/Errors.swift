// Tests/Freestanding/check-service/Errors.swift — handlers that throw errors of their own.

import Bytes
import HTTP
import Runtime
import Server
import WebSocket

/// The routes whose handlers throw.
enum Errors {
    static func add(to router: Router) {
        router.on(.get, "/refused/:status") { exchange throws(ServiceError) in
            let status = Status(UInt16(exchange.parameter(0).decimal ?? 500))
            throw status == .notFound ? ServiceError(status, "no such thing") : ServiceError(status)
        }
        router.on(.post, "/stored") { exchange throws(StoreError) in
            var bytes = 0
            while try await exchange.readBody() { bytes += exchange.bodyChunk.count }
            try check(bytes)
            try await exchange.respond(.ok, contentType: "text/plain", "stored\n")
        }
        router.on(.post, "/kept") { exchange throws(ServiceError) in
            while try await exchange.readBody() {}
            try await exchange.respond(.ok, contentType: "text/plain", "kept\n")
        }
        router.on(.post, "/unread") { _ throws(StoreError) in throw .full }
        router.on(.get, "/late") { exchange throws(StoreError) in
            try await exchange.beginResponse(.ok, .streamed, contentType: "text/plain")
            try await exchange.write(Text.begun.bytes)
            throw .full
        }
        router.on(.get, "/after") { exchange throws(StoreError) in
            try await exchange.respond(.ok, contentType: "text/plain", "all\n")
            throw .full
        }
        router.webSocket("/rejecting") { socket throws(ChatError) in
            guard socket.message.count < 10 else { throw .tooLong }
            guard socket.message.count > 0 else { throw .unnamed }
            try await socket.send(text: socket.message)
        }
        router.webSocketSession("/rejecting-session") { socket throws(ChatError) in
            while try await socket.receive() {
                guard socket.message.count < 10 else { throw .tooLong }
                try await socket.send(text: socket.message)
            }
        }
    }

    private static func check(_ bytes: Int) throws(StoreError) {
        if bytes > 100 { throw .full }
    }
}

private enum StoreError: ResponseError {
    case full
    case exchange

    init(_ error: ExchangeError) { self = .exchange }

    var status: Status { self == .full ? .conflict : .unprocessableContent }
    var reason: StaticString { self == .full ? "the store is full" : "" }
}

private enum ChatError: SessionError {
    case tooLong
    case unnamed
    case socket

    init(_ error: WebSocketError) { self = .socket }

    var closeCode: CloseCode { CloseCode(rawValue: self == .tooLong ? 4002 : 1005) }
    var closeReason: StaticString { self == .tooLong ? "too long" : "unnamed" }
}
