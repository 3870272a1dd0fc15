// bench/peers/swift/Sources/hummingbird/Main.swift — Hummingbird: `hummingbird PORT WORKERS FOLDER`

import Foundation
import Hummingbird
import Logging
import NIOPosix

/// The bodies are in memory, requests are not logged, and there is one event loop for each worker. There is no
/// WebSocket: that is a package of its own, hummingbird-websocket.
@main
struct Main {
    static func main() async throws {
        let words = CommandLine.arguments
        let (port, workers, folder) = (Int(words[1])!, Int(words[2])!, words[3])
        let page = try ByteBuffer(bytes: Data(contentsOf: URL(fileURLWithPath: folder + "/index.html")))
        let health = try ByteBuffer(bytes: Data(contentsOf: URL(fileURLWithPath: folder + "/healthz")))

        let router = Router()
        router.get("/") { _, _ in
            Response(status: .ok, headers: [.contentType: "text/html; charset=utf-8"], body: .init(byteBuffer: page))
        }
        router.get("/healthz") { _, _ in
            Response(status: .ok, headers: [.contentType: "text/plain"], body: .init(byteBuffer: health))
        }
        var logger = Logger(label: "bench")
        logger.logLevel = .critical
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: port), backlog: 4096),
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: workers)),
            logger: logger)
        try await application.runService()
    }
}
