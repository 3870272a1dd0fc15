// Sources/Server/LogTag+Server.swift — what the log says of requests and WebSockets.

import Logging

extension LogTag {
    /// A request was answered.
    package static var http: LogTag { LogTag("[HTTP]") }
    /// A WebSocket.
    package static var ws: LogTag { LogTag("[WS]") }
}
