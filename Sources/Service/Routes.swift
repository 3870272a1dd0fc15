// Sources/Service/Routes.swift — what the server answers.

import HTTP
import Server
import Utilities

/// The routes of both executables.
enum Routes {
    static func make() -> Router {
        let router = Router()
        router.on("/", contentType: "text/html; charset=utf-8", body: Page.html)
        router.on("/healthz", contentType: "text/plain", fields: "Cache-Control: no-store\r\n", body: "ok\n")
        router.on(.get, "/metrics") { exchange throws(ExchangeError) in try await MetricsPage.answer(exchange) }
        return router
    }
}
