// Sources/HTTP/ResponsePlan.swift — how a response is framed, and whether the connection stays open.

import Bytes

/// What a handler wants to send after the head.
public enum ResponseBody: Equatable, Sendable {
    /// Nothing, and no statement of length: for 1xx, 204 and 304.
    case none
    /// So many bytes.
    case sized(UInt64)
    /// Bytes whose number is not known yet.
    case streamed
}

/// The facts of a request that decide the framing of its response.
public struct ResponseContext: Sendable {
    /// The request's version.
    public var version: Version
    /// Whether the request was HEAD: the response has the same fields and no body.
    public var isHead: Bool
    /// Whether client and server both keep the connection.
    public var keepsAlive: Bool

    /// Whether this is an HTTP/1.1 request for a body, on a connection that stays open.
    @inline(__always)
    public var isUsual: Bool { keepsAlive && !isHead && version == .http11 }

    /// The context that `head` gives. `mayKeepAlive` false closes after the response, as when the server stops.
    @inline(__always)
    public init(_ head: RequestHead, mayKeepAlive: Bool = true) {
        version = head.version
        isHead = head.method == .head
        keepsAlive = head.keepsAlive && mayKeepAlive
    }

    /// The context of an answer to a request that could not be read: HTTP/1.1, then close.
    @inline(__always)
    public static var unreadable: ResponseContext {
        ResponseContext(version: .http11, isHead: false, keepsAlive: false)
    }

    /// The given context.
    @inline(__always)
    public init(version: Version, isHead: Bool, keepsAlive: Bool) {
        self.version = version
        self.isHead = isHead
        self.keepsAlive = keepsAlive
    }
}

/// The decisions of RFC 9112 §6 and §9.3 about one response.
public struct ResponsePlan: Equatable, Sendable {
    /// How the receiver learns where the response ends.
    public enum Framing: Equatable, Sendable {
        /// There is no body and no length: 1xx, 204, 304.
        case bare
        /// Content-Length. After HEAD it is what GET would have sent.
        case sized(UInt64)
        /// Transfer-Encoding: chunked.
        case chunked
        /// The end of the connection: a streamed body to a HTTP/1.0 client.
        case untilClose
    }

    /// Which Connection field the head has.
    public enum ConnectionField: Equatable, Sendable {
        /// None: HTTP/1.1 keeps the connection by default.
        case absent
        /// Connection: close
        case close
        /// Connection: keep-alive, which a HTTP/1.0 client must be told.
        case keepAlive
    }

    /// How the end is marked.
    public let framing: Framing
    /// Whether body bytes are sent after the head.
    public let sendsBody: Bool
    /// Whether the connection serves another request afterwards.
    public let keepsAlive: Bool
    /// What the head says about the connection.
    public let connectionField: ConnectionField

    /// Decides for a response with `status` and `body`.
    @inline(__always)
    public init(_ status: Status, _ body: ResponseBody, _ context: ResponseContext) {
        if status.forbidsBody {
            framing = .bare
        } else {
            switch body {
            case .none: framing = .sized(0)
            case .sized(let length): framing = .sized(length)
            case .streamed: framing = context.version == .http11 ? .chunked : .untilClose
            }
        }
        sendsBody = !context.isHead && framing != .bare && framing != .sized(0)
        // After HEAD nothing follows the head, so even a stream of unknown length ends there.
        keepsAlive = context.keepsAlive && (framing != .untilClose || context.isHead)
        if status.isInformational {
            connectionField = .absent
        } else if !keepsAlive {
            connectionField = .close
        } else {
            connectionField = context.version == .http11 ? .absent : .keepAlive
        }
    }
}
