// Sources/HTTP/Response.swift — how a response is framed, and how its parts are written.

import Bytes

/// What a handler wants to send after the head.
public enum ResponseBody: Equatable, Sendable {
    /// Nothing, and no statement of length: for 1xx, 204 and 304.
    case none
    /// So many bytes.
    case sized(UInt64)
    /// Bytes, of a number that is not known yet.
    case streamed
}

/// The facts of a request that decide the framing of its response.
package struct ResponseContext: Sendable {
    /// The request's version.
    package var version: Version
    /// Whether the request was HEAD: the response has the same fields and no body.
    package var isHead: Bool
    /// Whether client and server both keep the connection.
    package var keepsAlive: Bool

    /// Whether this is an HTTP/1.1 request for a body, on a connection that stays open.
    @inline(__always)
    package var isUsual: Bool { keepsAlive && !isHead && version == .http11 }

    /// The context that `head` gives. `mayKeepAlive` false closes after the response, as when the server stops.
    @inline(__always)
    package init(_ head: RequestHead, mayKeepAlive: Bool = true) {
        version = head.version
        isHead = head.method == .head
        keepsAlive = head.keepsAlive && mayKeepAlive
    }

    /// The context of an answer to a request that could not be read: HTTP/1.1, then close.
    @inline(__always)
    package static var unreadable: ResponseContext {
        ResponseContext(version: .http11, isHead: false, keepsAlive: false)
    }

    /// The given context.
    @inline(__always)
    package init(version: Version, isHead: Bool, keepsAlive: Bool) {
        self.version = version
        self.isHead = isHead
        self.keepsAlive = keepsAlive
    }
}

/// The decisions of RFC 9112 §6 and §9.3 about one response.
package struct ResponsePlan: Equatable, Sendable {
    /// How the receiver learns where the response ends.
    package enum Framing: Equatable, Sendable {
        /// Neither a body nor a length: 1xx, 204, 304.
        case bare
        /// Content-Length. After HEAD it is what GET would have sent.
        case sized(UInt64)
        /// Transfer-Encoding: chunked.
        case chunked
        /// The end of the connection: a streamed body to a HTTP/1.0 client.
        case untilClose
    }

    /// Which Connection field the head has.
    package enum ConnectionField: Equatable, Sendable {
        /// None: HTTP/1.1 keeps the connection by default.
        case absent
        /// Connection: close
        case close
        /// Connection: keep-alive, which a HTTP/1.0 client must be told.
        case keepAlive
    }

    /// How the end is marked.
    package let framing: Framing
    /// Whether body bytes are sent after the head.
    package let sendsBody: Bool
    /// Whether the connection serves another request afterwards.
    package let keepsAlive: Bool
    /// What the head says about the connection.
    package let connectionField: ConnectionField

    /// Decides for a response with `status` and `body`.
    @inline(__always)
    package init(_ status: Status, _ body: ResponseBody, _ context: ResponseContext) {
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

/// Appending the parts of a response, in this order: the head's begin, fields, the head's end, the body.
///
/// Names are literals of this program. Values that hold bytes of a peer go through ``append(field:untrusted:)``, which
/// replaces bytes that could end the line by spaces. A response that did not fit leaves ``overflowed`` set: truncate,
/// and send a shorter answer.
extension ByteWriter {
    /// Appends the status line, Date, and the fields that `plan` asks for.
    ///
    /// The status line always says HTTP/1.1, the version of this server (RFC 9110 §2.5). 1xx responses get no Date.
    package mutating func beginResponse(_ status: Status, _ plan: ResponsePlan, _ date: HTTPDate) {
        append(statusLine: status)
        if !status.isInformational {
            append("Date: ")
            append(date.bytes)
            append("\r\n")
        }
        switch plan.framing {
        case .sized(let length): append(field: "Content-Length", decimal: length)
        case .chunked: append("Transfer-Encoding: chunked\r\n")
        case .bare, .untilClose: break
        }
        append(connection: plan.connectionField)
    }

    /// Appends the empty line after the fields.
    @inline(__always)
    package mutating func endHead() {
        append("\r\n")
    }

    /// Appends "HTTP/1.1 200 OK" and CRLF.
    @inline(__always)
    package mutating func append(statusLine status: Status) {
        append("HTTP/1.1 ")
        append(decimal: UInt64(status.code))
        append(.space)
        append(status.reason)
        append("\r\n")
    }

    /// Appends the Connection field, if the response needs one.
    @inline(__always)
    package mutating func append(connection: ResponsePlan.ConnectionField) {
        switch connection {
        case .absent: break
        case .close: append("Connection: close\r\n")
        case .keepAlive: append("Connection: keep-alive\r\n")
        }
    }

    /// Appends a field line with a literal value.
    @inline(__always)
    package mutating func append(field name: StaticString, _ value: StaticString) {
        append(name)
        append(": ")
        append(value)
        append("\r\n")
    }

    /// Appends a field line with a number.
    @inline(__always)
    package mutating func append(field name: StaticString, decimal number: UInt64) {
        append(name)
        append(": ")
        append(decimal: number)
        append("\r\n")
    }

    /// Appends a field line with a value of any origin. NUL, CR, LF and the other control bytes become spaces
    /// (RFC 9110 §5.5), so that no value can end its line.
    package mutating func append(field name: StaticString, untrusted value: borrowing Span<UInt8>) {
        append(name)
        append(": ")
        for index in 0..<value.count {
            append(value[index].isControl ? .space : value[index])
        }
        append("\r\n")
    }

    /// Appends the line before a chunk's data. `count` must not be 0: that would be the last chunk.
    @inline(__always)
    package mutating func beginChunk(_ count: Int) {
        precondition(count > 0)
        append(hexadecimal: UInt64(count))
        append("\r\n")
    }

    /// Appends what follows a chunk's data.
    @inline(__always)
    package mutating func endChunk() {
        append("\r\n")
    }

    /// Appends the last chunk, without trailers.
    @inline(__always)
    package mutating func endChunks() {
        append("0\r\n\r\n")
    }

    /// Appends the interim response that a client waits for before it sends a body (RFC 9110 §10.1.1).
    @inline(__always)
    package mutating func appendContinue() {
        append("HTTP/1.1 100 Continue\r\n\r\n")
    }

    /// Appends a whole response. Its body, if the plan has one, is plain text: "404 Not Found" and a line feed.
    ///
    /// - Parameters:
    ///   - allowed: what `Allow` lists, with 405.
    ///   - fields: more field lines, each with its CRLF.
    /// - Returns: bytes of the body.
    @discardableResult
    package mutating func append(
        plain status: Status, _ context: ResponseContext, _ date: HTTPDate, allowing allowed: MethodSet = MethodSet(),
        fields: StaticString = ""
    ) -> Int {
        let length = Self.length(plainBody: status)
        let plan = ResponsePlan(status, .sized(UInt64(length)), context)
        beginResponse(status, plan, date)
        if plan.framing != .bare { append(Self.plainType) }
        if !allowed.isEmpty {
            append("Allow: ")
            append(list: allowed)
            append("\r\n")
        }
        append(fields)
        endHead()
        guard plan.sendsBody else { return 0 }
        append(plainBody: status)
        return length
    }

    /// The field line of a plain text.
    static var plainType: StaticString { "Content-Type: text/plain\r\n" }

    /// Bytes of ``append(plainBody:)``.
    static func length(plainBody status: Status) -> Int { 3 + 1 + status.reason.utf8CodeUnitCount + 1 }

    /// Appends "404 Not Found" and a line feed.
    mutating func append(plainBody status: Status) {
        append(decimal: UInt64(status.code))
        append(.space)
        append(status.reason)
        append(.lineFeed)
    }
}
