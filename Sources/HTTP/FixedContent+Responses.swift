// Sources/HTTP/FixedContent+Responses.swift — writing the responses to requests for fixed content.

import Bytes

extension FixedContent {
    /// Whether any request can get `variant`.
    public func offers(_ variant: Variant) -> Bool {
        switch variant {
        case .plain, .plainKnown, .unwanted: true
        case .compressed, .compressedKnown: gzip.count > 0
        }
    }

    /// Builds one of the responses at the end of `writer`. nil if it does not fit.
    public func response(_ variant: Variant, _ date: HTTPDate, in writer: inout ByteWriter) -> FixedResponse? {
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
    public var maxLength: Int {
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
