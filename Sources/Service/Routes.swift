// Sources/Service/Routes.swift — what the server answers.

import HTTP
import Server
import Utilities

/// The routes of both executables.
enum Routes {
    static func make() -> Router {
        let router = Router()
        router.on("/", Page.content)
        router.on("/healthz", FixedContent(contentType: "text/plain", "ok\n", cacheControl: "no-store"))
        router.echo("/ws")
        var terminal = WebSocketOptions()
        terminal.greeting = "async-nostd: what you send comes back"
        router.echo("/term", terminal)
        router.on(.get, "/metrics") { exchange throws(ExchangeError) in try await MetricsPage.answer(exchange) }
        return router
    }
}
