// Tests/Freestanding/check-service/Main.swift — a server with handlers of all kinds, for the test group "handlers".

import Bytes
import HTTP
import Linux
import Net
import Runtime
import Server
import _Concurrency

/// `check-service PORT WORKERS [DRAIN [HANDLER [PPOLL]]]` serves on 127.0.0.1 until a signal ends it, within DRAIN ms.
/// Handlers may take HANDLER ms. PPOLL is 1 for that reactor.
@main enum Main {
    static func main() {
        do throws(Errno) {
            try run(port: number(0), workers: Int(number(1)))
        } catch {
            Process.exit(1)
        }
    }

    private static func run(port: UInt16, workers: Int) throws(Errno) {
        var options = RuntimeOptions()
        options.workers = workers
        options.reactor = number(4, or: 0) == 1 ? .ppoll : .automatic
        try Runtime.prepare(options)
        var settings = ServerSettings()
        settings.maxRequestBody = .mebibytes(16)
        settings.requestTimeout = .seconds(1)
        settings.handlerTimeout = Milliseconds(Int(number(3, or: 0)))
        var connections = ConnectionSettings()
        connections.lingerTimeout = .seconds(1)
        let server = try HTTPServer(
            routes(), settings: settings, connections: connections, accessLogs: [.tag])
        try server.listen(on: try Listener(SocketAddress(ipv4: [127, 0, 0, 1], port: port)), .workers)
        let within = Milliseconds(Int(number(2, or: 5000)))
        try server.run(until: .signals, drainingWithin: within)
    }

    private static func number(_ index: Int, or other: UInt16 = 1) -> UInt16 {
        let arguments = Arguments.ofProcess
        guard index < arguments.count, let value = arguments[index].decimal else { return other }
        return UInt16(truncatingIfNeeded: value)
    }

    private static func routes() -> Router {
        let router = Router()
        router.on(.get, "/hello/:name") { exchange throws(ExchangeError) in
            try await exchange.respond(.ok, contentType: "text/plain", exchange.parameter(0))
        }
        router.on(.post, "/echo") { exchange throws(ExchangeError) in try await echo(exchange) }
        router.on(.post, "/count") { exchange throws(ExchangeError) in try await count(exchange) }
        router.on(.get, "/sleep") { exchange throws(ExchangeError) in
            await sleep(milliseconds: 200)
            // The request is still there, although others have come meanwhile.
            if let name = exchange.field("x-name") {
                try await exchange.respond(.ok, contentType: "text/plain", name)
            } else {
                try await exchange.respond(.ok, contentType: "text/plain", exchange.query)
            }
        }
        addLives(to: router)
        router.on(.get, "/stream/:count") { exchange throws(ExchangeError) in try await stream(exchange) }
        router.on(.get, "/large") { exchange throws(ExchangeError) in try await large(exchange) }
        router.on(.get, "/nothing") { _ throws(ExchangeError) in }
        router.on(.get, "/unended") { exchange throws(ExchangeError) in
            try await exchange.beginResponse(.ok, .streamed, contentType: "text/plain")
            try await exchange.write(Text.begun.bytes)
        }
        router.on(.get, "/sized/:announced/:sent") { exchange throws(ExchangeError) in
            let (announced, sent) = (exchange.parameter(0).decimal ?? 0, exchange.parameter(1).decimal ?? 0)
            try await exchange.beginResponse(.ok, .sized(announced), contentType: "text/plain")
            for _ in 0..<sent / 6 { try await exchange.write(Text.piece.bytes) }
        }
        router.on(.post, "/early") { exchange throws(ExchangeError) in
            try await exchange.respond(.forbidden, contentType: "text/plain", "no\n")
        }
        router.on(.get, "/yields/:count") { exchange throws(ExchangeError) in
            let count = exchange.parameter(0).decimal ?? 0
            for index in 0..<Scheduler.workerCount {
                Runtime.spawn(on: index) { for _ in 0..<count { await Task.yield() } }
                Task { for _ in 0..<count { await Task.yield() } }
            }
            try await exchange.respond(.ok, contentType: "text/plain", "yielding\n")
        }
        router.on(.get, "/misuse") { exchange throws(ExchangeError) in
            // What the compiler refuses without the lie: the exchange in a task of another worker.
            nonisolated(unsafe) let shared = exchange
            let other = ((Worker.current?.index ?? 0) + 1) % Scheduler.workerCount
            let count = await Runtime.spawn(on: other) { unsafe shared.path.count }.value
            try await exchange.respond(.ok, contentType: "text/plain", count == 0 ? "empty\n" : "misused\n")
        }
        router.on(.get, "/digest/:count") { exchange throws(ExchangeError) in try await digest(exchange) }
        Sockets.add(to: router)
        return router
    }

    /// 20 zeros, hashed, and the hash again, `count` times in all: work for a processor. The bench has it, too.
    private static func digest(_ exchange: Exchange) async throws(ExchangeError) {
        var digest: [20 of UInt8] = .init(repeating: 0)
        for _ in 0..<(exchange.parameter(0).decimal ?? 0) { digest = SHA1.hash(digest.span) }
        try await exchange.respond(.ok, contentType: "application/octet-stream", digest.span)
    }

    /// Sends the body back as it comes.
    private static func echo(_ exchange: Exchange) async throws(ExchangeError) {
        try await exchange.beginResponse(.ok, .streamed, contentType: "application/octet-stream")
        while try await exchange.readBody() { try await exchange.write(exchange.bodyChunk) }
        try await exchange.endResponse()
    }

    /// Says how many bytes the body has, what they add up to, and the path, which has to be there still.
    private static func count(_ exchange: Exchange) async throws(ExchangeError) {
        var bytes = 0
        var sum = 0
        while try await exchange.readBody() {
            let chunk = exchange.bodyChunk
            bytes += chunk.count
            for index in chunk.indices { sum += Int(chunk[index]) }
        }
        var text: [64 of UInt8] = .init(repeating: 0)
        let path = exchange.path
        let length = text.write { line in
            line.append("bytes=", bytes)
            line.append(" sum=", sum)
            line.append(" path=", path)
        }
        try await exchange.respond(.ok, contentType: "text/plain", text.span.extracting(first: length))
    }

    /// `count` pieces, with a pause after each tenth.
    private static func stream(_ exchange: Exchange) async throws(ExchangeError) {
        let count = exchange.parameter(0).decimal ?? 0
        try await exchange.beginResponse(.ok, .streamed, contentType: "text/plain")
        for index in 0..<count {
            try await exchange.write(Text.piece.bytes)
            if index % 10 == 9 { await sleep(milliseconds: 2) }
        }
        try await exchange.endResponse()
    }

    /// 20,000,000 bytes in pieces, with their length said before.
    private static func large(_ exchange: Exchange) async throws(ExchangeError) {
        try await exchange.beginResponse(.ok, .sized(20_000_000), contentType: "application/octet-stream")
        let piece: [1000 of UInt8] = .init(repeating: UInt8(ascii: "x"))
        for _ in 0..<20_000 { try await exchange.write(piece.span) }
        try await exchange.endResponse()
    }
}

enum Text {
    static let begun: StaticString = "begun\n"
    static let piece: StaticString = "piece\n"
}
