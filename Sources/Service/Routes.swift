// Sources/Service/Routes.swift — what the server answers.

import Bytes
import HTTP
import Server
import Settings

/// The routes of both executables.
struct Routes {
    /// For all connections but those for administration.
    let service = Router()
    /// For connections by a listener for administration.
    let administration = Router()

    init(_ adminRoutes: AdminRoutes) {
        service.on("/", Page.content)
        service.echo("/ws")
        var terminal = WebSocketOptions()
        terminal.greeting = "async-nostd: what you send comes back"
        service.echo("/term", terminal)
        if adminRoutes != .admin { Self.addHealth(to: service) }
        if adminRoutes == .everywhere { Self.addMetrics(to: service) }
        Self.addHealth(to: administration)
        Self.addMetrics(to: administration)
    }

    private static func addHealth(to router: Router) {
        router.on("/healthz", FixedContent(contentType: "text/plain", "ok\n", cacheControl: "no-store"))
    }

    private static func addMetrics(to router: Router) {
        router.on(.get, "/metrics") { exchange throws(ExchangeError) in try await MetricsPage.answer(exchange) }
    }
}
