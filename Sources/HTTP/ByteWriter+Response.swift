// Sources/HTTP/ByteWriter+Response.swift — writing responses.

import Bytes

/// Appending the parts of a response, in this order: the head's begin, fields, the head's end, the body.
///
/// Names are literals of this program. Values that hold bytes of a peer go through ``append(field:untrusted:)``, which
/// replaces bytes that could end the line by spaces. A response that did not fit leaves ``overflowed`` set: truncate,
/// and send a shorter answer.
extension ByteWriter {
    /// Appends the status line, Date, and the fields that `plan` asks for.
    ///
    /// The status line always says HTTP/1.1, the version of this server (RFC 9110 §2.5). 1xx responses get no Date.
    public mutating func beginResponse(_ status: Status, _ plan: ResponsePlan, _ date: HTTPDate) {
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
    public mutating func endHead() {
        append("\r\n")
    }

    /// Appends "HTTP/1.1 200 OK" and CRLF.
    @inline(__always)
    public mutating func append(statusLine status: Status) {
        append("HTTP/1.1 ")
        append(decimal: UInt64(status.code))
        append(.space)
        append(status.reason)
        append("\r\n")
    }

    /// Appends the Connection field, if the response needs one.
    @inline(__always)
    public mutating func append(connection: ResponsePlan.ConnectionField) {
        switch connection {
        case .absent: break
        case .close: append("Connection: close\r\n")
        case .keepAlive: append("Connection: keep-alive\r\n")
        }
    }

    /// Appends a field line with a literal value.
    @inline(__always)
    public mutating func append(field name: StaticString, _ value: StaticString) {
        append(name)
        append(": ")
        append(value)
        append("\r\n")
    }

    /// Appends a field line with a number.
    @inline(__always)
    public mutating func append(field name: StaticString, decimal number: UInt64) {
        append(name)
        append(": ")
        append(decimal: number)
        append("\r\n")
    }

    /// Appends a field line with a value of any origin. NUL, CR, LF and the other control bytes become spaces
    /// (RFC 9110 §5.5), so that no value can end its line.
    public mutating func append(field name: StaticString, untrusted value: borrowing Span<UInt8>) {
        append(name)
        append(": ")
        for index in 0..<value.count {
            append(value[index].isControl ? .space : value[index])
        }
        append("\r\n")
    }

    /// Appends the line before a chunk's data. `count` must not be 0: that would be the last chunk.
    @inline(__always)
    public mutating func beginChunk(_ count: Int) {
        precondition(count > 0)
        append(hexadecimal: UInt64(count))
        append("\r\n")
    }

    /// Appends what follows a chunk's data.
    @inline(__always)
    public mutating func endChunk() {
        append("\r\n")
    }

    /// Appends the last chunk, without trailers.
    @inline(__always)
    public mutating func endChunks() {
        append("0\r\n\r\n")
    }

    /// Appends the interim response that a client waits for before it sends a body (RFC 9110 §10.1.1).
    @inline(__always)
    public mutating func appendContinue() {
        append("HTTP/1.1 100 Continue\r\n\r\n")
    }

    /// Appends a whole response. Its body, if the plan has one, is plain text: "404 Not Found" and a line feed.
    ///
    /// - Parameters:
    ///   - allowed: what `Allow` lists, with 405.
    ///   - fields: more field lines, each with its CRLF.
    /// - Returns: bytes of the body.
    @discardableResult
    public mutating func append(
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
