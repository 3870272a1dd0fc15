// Tests/Freestanding/check-service/Sockets.swift — WebSockets with handlers of all kinds.

import Bytes
import HTTP
import Runtime
import Server
import WebSocket

/// The WebSocket routes of the service.
enum Sockets {
    static func add(to router: Router) {
        router.webSocket("/shout") { socket throws(WebSocketError) in try await shout(socket) }
        router.webSocketSession("/count/:start") { socket throws(WebSocketError) in try await count(socket) }
        router.webSocketSession("/flood/:count") { socket throws(WebSocketError) in try await flood(socket) }
        router.webSocketSession("/ticking") { socket throws(WebSocketError) in
            let piece: [1000 of UInt8] = .init(repeating: UInt8(ascii: "x"))
            while true {
                for _ in 0..<100 { try await socket.send(binary: piece.span) }
                await sleep(milliseconds: 1)
            }
        }
        router.webSocket("/dozing") { socket throws(WebSocketError) in
            await sleep(milliseconds: 50)
            // The message is still there, although others have come meanwhile.
            try await socket.send(text: socket.message)
        }
        router.webSocket("/leaving") { socket throws(WebSocketError) in
            try await socket.send(text: "going")
            try await socket.close(code: CloseCode(rawValue: 4001), reason: "enough")
        }
        router.webSocket("/garbled") { socket throws(WebSocketError) in
            let bytes: [2 of UInt8] = [0xC3, 0x28]
            try await socket.send(text: bytes.span)
        }
        var options = WebSocketOptions()
        options.greeting = "hello"
        options.chooseSubprotocol = { exchange in
            if exchange.offersSubprotocol("chat.v2") { return "chat.v2" }
            return exchange.offersSubprotocol("chat.v1") ? "chat.v1" : nil
        }
        router.webSocketSession("/chat", options) { socket throws(WebSocketError) in try await chat(socket) }
    }

    /// Answers with each letter made large; a binary message with its length.
    private static func shout(_ socket: WebSocket<WebSocketError>) async throws(WebSocketError) {
        let message = socket.message
        var text: [256 of UInt8] = .init(repeating: 0)
        let isText = socket.isText
        let length = text.write { line in
            guard isText else { return line.append(decimal: message.count) }
            for index in message.indices {
                let isSmall = message[index] >= UInt8(ascii: "a") && message[index] <= UInt8(ascii: "z")
                line.append(isSmall ? message[index] & 0xDF : message[index])
            }
        }
        if isText {
            try await socket.send(text: text.span.extracting(first: length))
        } else {
            try await socket.send(binary: text.span.extracting(first: length))
        }
    }

    /// Counts messages and their bytes, from the number in the path on, until there is an empty one.
    private static func count(_ socket: WebSocket<WebSocketError>) async throws(WebSocketError) {
        var messages = socket.request.parameter(0).decimal ?? 0
        var bytes = 0
        while try await socket.receive() {
            guard socket.message.count > 0 else { return }
            messages += 1
            bytes += socket.message.count
            var text: [64 of UInt8] = .init(repeating: 0)
            let length = text.write { line in
                line.append("messages=", Int(messages))
                line.append(" bytes=", bytes)
            }
            try await socket.send(text: text.span.extracting(first: length))
        }
    }

    /// Sends so many messages of 1,000 bytes as the path says, as fast as they are read.
    private static func flood(_ socket: WebSocket<WebSocketError>) async throws(WebSocketError) {
        let count = socket.request.parameter(0).decimal ?? 0
        let piece: [1000 of UInt8] = .init(repeating: UInt8(ascii: "x"))
        for _ in 0..<count { try await socket.send(binary: piece.span) }
    }

    /// Says which subprotocol was chosen, and echoes.
    private static func chat(_ socket: WebSocket<WebSocketError>) async throws(WebSocketError) {
        try await socket.send(text: socket.subprotocol ?? "none")
        while try await socket.receive() {
            if socket.isText {
                try await socket.send(text: socket.message)
            } else {
                try await socket.send(binary: socket.message)
            }
        }
    }
}
