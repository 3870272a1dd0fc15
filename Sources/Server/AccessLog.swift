// Sources/Server/AccessLog.swift — how requests are logged, and which formats a program offers.

import HTTP
import Net
import Options

/// A format of the access log that a program offers; `ServerSettings.accessLog` chooses among them.
///
/// The server logs no request unless the program names a format: a program links only what it names.
public struct AccessLogStyle: Sendable {
    /// The value of the setting that chooses it.
    let format: AccessLogFormat
    /// Makes the log of one worker.
    let make: @Sendable () -> AccessLog
    /// Whether the messages of WebSockets are logged too.
    let logsMessages: Bool

    /// `[HTTP] fd=5 method=GET route=/ status=200 bytes=1730`; equal ones of a batch share a line.
    public static var tag: AccessLogStyle {
        AccessLogStyle(format: .tag, make: { TagAccessLog() }, logsMessages: true)
    }

    /// A line for each request, in Apache's Combined Log Format, without a tag.
    public static var combined: AccessLogStyle {
        AccessLogStyle(format: .combined, make: { CombinedAccessLog() }, logsMessages: false)
    }
}

/// Logs the requests of one worker's connections. Each call finds what it says in the connection's exchange.
class AccessLog {
    /// A request was answered, by a route of the router.
    func answered(_ connection: HTTPConnectionHandler, _ index: Int, _ route: StaticString) {}

    /// A request that no route matches was answered.
    func refused(_ connection: HTTPConnectionHandler) {}

    /// Bytes that are not a request were answered.
    ///
    /// - Parameter bytes: length of the answer's body.
    func malformed(_ connection: HTTPConnectionHandler, _ status: Status, _ reason: StaticString, _ bytes: Int) {}

    /// The batch ends, or a line of another kind follows.
    func flush() {}
}
