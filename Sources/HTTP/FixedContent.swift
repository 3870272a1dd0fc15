// Sources/HTTP/FixedContent.swift — content that never changes, and its responses, built once and sent often.

import Bytes

/// Content in the executable, plain and optionally gzip-coded, with entity tags for the requests of caches.
///
///                            Accept-Encoding prefers gzip?
///                             no           yes
///     If-Match is present
///     without the tag         unwanted     unwanted              412
///     If-None-Match has it    plainKnown   compressedKnown       304, no body
///     else                    plain        compressed            200, whole
///
/// The two codings are two representations, each with its own strong tag (RFC 9110 §8.8.3.3). The order is that of
/// RFC 9110 §13.2.2; dates are not supported.
public struct FixedContent: Sendable {
    /// One of the five responses.
    package enum Variant: Int, Sendable {
        /// 200 with the body as it is.
        case plain
        /// 304 for that body.
        case plainKnown
        /// 200 with the gzip-coded body.
        case compressed
        /// 304 for that body.
        case compressedKnown
        /// 412: If-Match names neither body.
        case unwanted

        /// How many there are.
        package static var count: Int { 5 }
    }

    let contentType: StaticString
    let body: StaticBytes
    let tag: StaticString
    let gzip: StaticBytes
    let gzipTag: StaticString
    let cacheControl: StaticString
    let fields: StaticString

    /// Content without tag and in one coding: every request without conditions gets the same response.
    ///
    /// - Parameters:
    ///   - contentType: the value of Content-Type.
    ///   - cacheControl: the value of Cache-Control; none if empty.
    ///   - fields: more field lines, each with its CRLF.
    public init(
        contentType: StaticString, _ body: StaticBytes, cacheControl: StaticString = "", fields: StaticString = ""
    ) {
        self.init(contentType: contentType, body, tag: "", cacheControl: cacheControl, fields: fields)
    }

    /// Content with an entity tag, so that a client that has it already gets 304.
    ///
    /// - Parameters:
    ///   - contentType: the value of Content-Type.
    ///   - tag: a strong tag in its quotes, different for every body.
    ///   - gzip: the body, gzip-coded; empty: there is none. It is used only if it makes the response shorter.
    ///   - gzipTag: its tag, different from `tag`.
    ///   - cacheControl: the value of Cache-Control, also sent with 304; none if empty.
    ///   - fields: more field lines, each with its CRLF, that are sent with the body only.
    public init(
        contentType: StaticString, _ body: StaticBytes, tag: StaticString, gzip: StaticBytes = .empty,
        gzipTag: StaticString = "", cacheControl: StaticString = "", fields: StaticString = ""
    ) {
        // What coding costs: "Content-Encoding: gzip" and "Vary: Accept-Encoding", each with its CRLF.
        let coded = gzip.count + 24 + 23 < body.count ? gzip : .empty
        precondition(
            coded.count == 0 || tag.utf8CodeUnitCount == 0 || !tag.bytes.equals(gzipTag), "one tag, two bodies")
        self.contentType = contentType
        self.body = body
        self.tag = tag
        self.gzip = coded
        self.gzipTag = gzipTag
        self.cacheControl = cacheControl
        self.fields = fields
    }

    // MARK: The choice

    /// Which response the request with `head`, a GET or HEAD, gets. Without If-Match and If-None-Match,
    /// ``RequestHead/prefersGzip`` alone decides.
    package func variant(for head: RequestHead, in bytes: Span<UInt8>) -> Variant {
        let compressed = gzip.count > 0 && head.prefersGzip
        let tag = compressed ? gzipTag : tag
        let isWanted = !head.known[.ifMatch].isPresent || Self.has(tag, .ifMatch, by: .strong, head, bytes)
        guard isWanted else { return .unwanted }
        if Self.has(tag, .ifNoneMatch, by: .weak, head, bytes) { return compressed ? .compressedKnown : .plainKnown }
        return compressed ? .compressed : .plain
    }

    /// Whether one of the fields has `tag`.
    private static func has(
        _ tag: StaticString, _ field: KnownField, by comparison: EntityTagList.Comparison, _ head: RequestHead,
        _ bytes: Span<UInt8>
    ) -> Bool {
        var values = KnownFieldIterator(field, head)
        while let value = values.next(in: bytes) {
            if EntityTagList.contains(tag.bytes, bytes[value], by: comparison) { return true }
        }
        return false
    }
}

extension FixedContent {
    /// Whether any request can get `variant`.
    package func offers(_ variant: Variant) -> Bool {
        switch variant {
        case .plain, .plainKnown, .unwanted: true
        case .compressed, .compressedKnown: gzip.count > 0
        }
    }

    /// Builds one of the responses at the end of `writer`. nil if it does not fit.
    package func response(_ variant: Variant, _ date: HTTPDate, in writer: inout ByteWriter) -> FixedResponse? {
        switch variant {
        case .plain: whole(body, tag, date, in: &writer)
        case .compressed: whole(gzip, gzipTag, isCoded: true, date, in: &writer)
        case .plainKnown: unchanged(tag, date, in: &writer)
        case .compressedKnown: unchanged(gzipTag, date, in: &writer)
        // Caches do not store a 412 (RFC 9110 §15.1), so it has no fields for them.
        case .unwanted: FixedResponse(plain: .preconditionFailed, date, in: &writer)
        }
    }

    /// Most bytes that all responses take together.
    package var maxLength: Int {
        let fixed = contentType.utf8CodeUnitCount + fields.utf8CodeUnitCount + cacheControl.utf8CodeUnitCount
        let tags = tag.utf8CodeUnitCount + gzipTag.utf8CodeUnitCount
        let bodies = body.count + gzip.count + ByteWriter.length(plainBody: .preconditionFailed)
        return bodies + Variant.count * (Config.maxResponseHead + fixed + tags)
    }

    private func whole(
        _ content: StaticBytes, _ tag: StaticString, isCoded: Bool = false, _ date: HTTPDate,
        in writer: inout ByteWriter
    ) -> FixedResponse? {
        FixedResponse(.ok, body: content.bytes, date: date, in: &writer) { writer in
            writer.append(field: "Content-Type", contentType)
            if isCoded { writer.append("Content-Encoding: gzip\r\n") }
            appendCacheFields(tag, to: &writer)
            writer.append(fields)
        }
    }

    /// A 304 has the fields that caches use, and none about a body (RFC 9110 §15.4.5).
    private func unchanged(_ tag: StaticString, _ date: HTTPDate, in writer: inout ByteWriter) -> FixedResponse? {
        FixedResponse(.notModified, body: StaticBytes.empty.bytes, date: date, in: &writer) { writer in
            appendCacheFields(tag, to: &writer)
        }
    }

    private func appendCacheFields(_ tag: StaticString, to writer: inout ByteWriter) {
        if tag.utf8CodeUnitCount > 0 { writer.append(field: "ETag", tag) }
        if cacheControl.utf8CodeUnitCount > 0 { writer.append(field: "Cache-Control", cacheControl) }
        if gzip.count > 0 { writer.append("Vary: Accept-Encoding\r\n") }
    }
}

/// Where a whole response lies in a ``ByteWriter`` that keeps it, so that sending it again is one copy.
///
///     start ─ status line, Date, fields ─ fieldsEnd ─ CRLF ─ bodyStart ─ body ─ end
///
/// Keep one writer and its fixed responses for each worker: ``refresh(_:in:)`` writes into it. Dates are refreshed once
/// a second, not once a request.
package struct FixedResponse: Sendable {
    private let start: Int
    private let dateStart: Int
    private let fieldsEnd: Int
    private let bodyStart: Int
    private let end: Int
    /// The status, for the log.
    package let status: Status

    /// Builds the response at the end of `writer`, with Date. nil if it does not fit.
    ///
    /// - Parameters:
    ///   - body: copied, and counted by Content-Length; empty if `status` allows none, and then not counted.
    ///   - date: what Date shows until the first refresh.
    ///   - appendFields: appends the other field lines.
    package init?(
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
    package func refresh(_ date: HTTPDate, in writer: inout ByteWriter) {
        writer.replace(at: dateStart, with: date.bytes)
    }

    /// Appends the response to `output`. `writer` is the one that it was built in. Cost: one copy, or two if a
    /// Connection field is needed.
    @inline(__always)
    package func append(_ context: ResponseContext, from writer: borrowing ByteWriter, to output: inout ByteWriter) {
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
    package func append(
        headOnly context: ResponseContext, from writer: borrowing ByteWriter, to output: inout ByteWriter
    ) {
        var context = context
        context.isHead = true
        append(context, from: writer, to: &output)
    }

    /// Appends the body alone.
    @inline(never)
    package func append(bodyFrom writer: borrowing ByteWriter, to output: inout ByteWriter) {
        output.append(writer.bytes.extracting(bodyStart..<end))
    }

    /// The body, for sending without a copy.
    @inline(__always)
    @_lifetime(borrow writer)
    package func body(in writer: borrowing ByteWriter) -> Span<UInt8> {
        writer.bytes.extracting(bodyStart..<end)
    }

    /// The whole response for a HTTP/1.1 client that keeps the connection, for sending without a copy.
    @inline(__always)
    @_lifetime(borrow writer)
    package func bytes(in writer: borrowing ByteWriter) -> Span<UInt8> {
        writer.bytes.extracting(start..<end)
    }

    /// Bytes of the body.
    @inline(__always)
    package var bodyLength: Int { end - bodyStart }

    /// The most bytes that ``append(_:from:to:)`` appends: all, and "Connection: keep-alive" with its CRLF.
    @inline(__always)
    package var maxLength: Int { end - start + 24 }
}
