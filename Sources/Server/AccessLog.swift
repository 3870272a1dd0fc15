// Sources/Server/AccessLog.swift — how requests are logged, and which way a program has chosen.

import HTTP
import Net

/// What the log says of each request. The default is nothing: a program links the format that it names.
public struct AccessLogStyle: Sendable {
    /// Makes the log of one worker; nil for none.
    let make: (@Sendable () -> AccessLog)?
    /// Whether the messages of WebSockets are logged too.
    let logsMessages: Bool
    private let number: UInt8

    /// Nothing.
    public static var off: AccessLogStyle { AccessLogStyle(make: nil, logsMessages: false, number: 0) }

    /// `[HTTP] fd=5 method=GET route=/ status=200 bytes=1730`; equal ones of a batch share a line.
    public static var tag: AccessLogStyle {
        AccessLogStyle(make: { TagAccessLog() }, logsMessages: true, number: 1)
    }

    /// A line for each request, in Apache's Combined Log Format, without a tag.
    public static var combined: AccessLogStyle {
        AccessLogStyle(make: { CombinedAccessLog() }, logsMessages: false, number: 2)
    }

    static func != (left: AccessLogStyle, right: AccessLogStyle) -> Bool { left.number != right.number }
}

/// Logs the requests of one worker's connections. Each call finds what it says in the connection's exchange.
class AccessLog {
    /// A request was answered, by a route of the router.
    func answered(_ connection: HTTPConnectionHandler, _ index: Int, _ route: StaticString) {}

    /// A request was answered that no route took.
    func refused(_ connection: HTTPConnectionHandler) {}

    /// Something was answered that is no request.
    ///
    /// - Parameter bytes: length of the answer's body.
    func malformed(_ connection: HTTPConnectionHandler, _ status: Status, _ reason: StaticString, _ bytes: Int) {}

    /// The batch ends, or a line of another kind follows.
    func flush() {}
}
