// Sources/Server/LogTag+Server.swift — what the log says of requests and WebSockets.

import Logging

extension LogTag {
    /// A request was answered.
    public static var http: LogTag { LogTag("[HTTP]") }
    /// A WebSocket.
    public static var ws: LogTag { LogTag("[WS]") }
}
