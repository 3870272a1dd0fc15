// Sources/HTTP/RequestLimits.swift — how much of a request is accepted.

import Bytes

/// Bounds on what one request may cost. The defaults come from ``Config``.
public struct RequestLimits: Sendable {
    /// Longest request target, in bytes; longer is answered with 414.
    public var target: Int
    /// Longest head, in bytes, with the empty lines before and after it; longer is answered with 431.
    public var head: Int
    /// Most fields; more are answered with 431.
    public var fields: Int

    /// The given limits.
    @inline(__always)
    public init(
        target: Int = Config.maxRequestTarget, head: Int = Config.maxRequestHead, fields: Int = Config.maxHeaderFields
    ) {
        self.target = target
        self.head = head
        self.fields = fields
    }

    /// Longest request line without its CRLF: the target, a method and the version.
    @inline(__always)
    var requestLine: Int { target + Config.requestLineAllowance }
}
