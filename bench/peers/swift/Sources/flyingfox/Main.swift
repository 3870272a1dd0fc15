// bench/peers/swift/Sources/flyingfox/Main.swift — FlyingFox: `flyingfox PORT WORKERS FOLDER`

import FlyingFox
import FlyingSocks
import Foundation

/// Sends every message back.
struct Echo: WSMessageHandler {
    func makeMessages(for client: AsyncStream<WSMessage>) async throws -> AsyncStream<WSMessage> { client }
}

/// The bodies are in memory, nothing is logged. It runs on Swift's own threads, one for each core that it may use.
@main
struct Main {
    static func main() async throws {
        let words = CommandLine.arguments
        let (port, folder) = (UInt16(words[1])!, words[3])
        let page = try Data(contentsOf: URL(fileURLWithPath: folder + "/index.html"))
        let health = try Data(contentsOf: URL(fileURLWithPath: folder + "/healthz"))

        let server = HTTPServer(address: try .inet(ip4: "127.0.0.1", port: port), timeout: 3600, logger: .disabled)
        await server.appendRoute("GET /") { _ in
            HTTPResponse(statusCode: .ok, headers: [.contentType: "text/html; charset=utf-8"], body: page)
        }
        await server.appendRoute("GET /healthz") { _ in
            HTTPResponse(statusCode: .ok, headers: [.contentType: "text/plain"], body: health)
        }
        await server.appendRoute("GET /ws", to: .webSocket(Echo()))
        try await server.run()
    }
}
