// Sources/HTTP/Version.swift — protocol versions.

/// The protocol version of a request. HTTP/1.2 and later 1.x count as 1.1 (RFC 9110 §2.5).
public enum Version: UInt8, Sendable {
    /// HTTP/1.0: no chunked coding, a connection ends with its reply unless keep-alive was asked for.
    case http10
    /// HTTP/1.1 or a later 1.x.
    case http11
}
