// Sources/HTTP/FixedResponse.swift — a response that is built once and sent often.

import Bytes

/// Where a whole response lies in a ``ByteWriter`` that keeps it, so that sending it again is one copy.
///
///     start ─ status line, Date, fields ─ fieldsEnd ─ CRLF ─ bodyStart ─ body ─ end
///
/// Keep one writer and its fixed responses for each worker: ``refresh(_:in:)`` writes into it. Dates are refreshed once
/// a second, not once a request.
public struct FixedResponse: Sendable {
    private let start: Int
    private let dateStart: Int
    private let fieldsEnd: Int
    private let bodyStart: Int
    private let end: Int
    /// The status, for the log.
    public let status: Status

    /// Builds the response at the end of `writer`, with Date. nil if it does not fit.
    ///
    /// - Parameters:
    ///   - body: copied, and counted by Content-Length; empty if `status` allows none, and then not counted.
    ///   - date: what Date shows until the first refresh.
    ///   - appendFields: appends the other field lines.
    public init?(
        _ status: Status, body: borrowing Span<UInt8>, date: HTTPDate, in writer: inout ByteWriter,
        fields appendFields: (inout ByteWriter) -> Void
    ) {
        precondition(!status.forbidsBody || body.count == 0)
        self.init(status, bodyLength: body.count, date, in: &writer, appendFields) { $0.append(body) }
    }

    /// Builds a refusal with a plain text body, as ``ByteWriter/append(plain:_:_:allowing:fields:)`` writes it.
    init?(plain status: Status, _ date: HTTPDate, in writer: inout ByteWriter) {
        self.init(status, bodyLength: ByteWriter.length(plainBody: status), date, in: &writer) {
            $0.append(ByteWriter.plainType)
        } _: {
            $0.append(plainBody: status)
        }
    }

    @inline(never)
    private init?(
        _ status: Status, bodyLength: Int, _ date: HTTPDate, in writer: inout ByteWriter,
        _ appendFields: (inout ByteWriter) -> Void, _ appendBody: (inout ByteWriter) -> Void
    ) {
        self.status = status
        start = writer.count
        writer.append(statusLine: status)
        writer.append("Date: ")
        dateStart = writer.count
        writer.append(date.bytes)
        writer.append("\r\n")
        if !status.forbidsBody { writer.append(field: "Content-Length", decimal: UInt64(bodyLength)) }
        appendFields(&writer)
        fieldsEnd = writer.count
        writer.append("\r\n")
        bodyStart = writer.count
        appendBody(&writer)
        end = writer.count
        guard !writer.overflowed else { return nil }
    }

    /// Sets the Date field to `date`. `writer` is the one that the response was built in.
    @inline(__always)
    public func refresh(_ date: HTTPDate, in writer: inout ByteWriter) {
        writer.replace(at: dateStart, with: date.bytes)
    }

    /// Appends the response to `output`. `writer` is the one that it was built in. Cost: one copy, or two if a
    /// Connection field is needed.
    @inline(__always)
    public func append(_ context: ResponseContext, from writer: borrowing ByteWriter, to output: inout ByteWriter) {
        let stop = context.isHead ? bodyStart : end
        let bytes = writer.bytes
        if context.keepsAlive, context.version == .http11 {
            output.append(bytes.extracting(start..<stop))
        } else {
            output.append(bytes.extracting(start..<fieldsEnd))
            output.append(connection: context.keepsAlive ? .keepAlive : .close)
            output.append(bytes.extracting(fieldsEnd..<stop))
        }
    }

    /// Appends what goes before the body, with a Connection field if one is needed.
    @inline(never)
    public func append(
        headOnly context: ResponseContext, from writer: borrowing ByteWriter, to output: inout ByteWriter
    ) {
        var context = context
        context.isHead = true
        append(context, from: writer, to: &output)
    }

    /// Appends the body alone.
    @inline(never)
    public func append(bodyFrom writer: borrowing ByteWriter, to output: inout ByteWriter) {
        output.append(writer.bytes.extracting(bodyStart..<end))
    }

    /// The body, for sending without a copy.
    @inline(__always)
    @_lifetime(borrow writer)
    public func body(in writer: borrowing ByteWriter) -> Span<UInt8> {
        writer.bytes.extracting(bodyStart..<end)
    }

    /// The whole response for a HTTP/1.1 client that keeps the connection, for sending without a copy.
    @inline(__always)
    @_lifetime(borrow writer)
    public func bytes(in writer: borrowing ByteWriter) -> Span<UInt8> {
        writer.bytes.extracting(start..<end)
    }

    /// Bytes of the body.
    @inline(__always)
    public var bodyLength: Int { end - bodyStart }

    /// The most bytes that ``append(_:from:to:)`` appends: all, and "Connection: keep-alive" with its CRLF.
    @inline(__always)
    public var maxLength: Int { end - start + 24 }
}
