// Sources/HTTP/FixedContent.swift — content that never changes, and which response a request for it gets.

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
    public enum Variant: Int, Sendable {
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
        public static var count: Int { 5 }
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
    public func variant(for head: RequestHead, in bytes: Span<UInt8>) -> Variant {
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
