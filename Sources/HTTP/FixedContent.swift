// Sources/HTTP/FixedContent.swift — content that never changes, and which response a request for it gets.

import Utilities

/// Content that lies in the executable, as it is and maybe gzip-coded, with entity tags by which caches ask again.
///
///                            Accept-Encoding prefers gzip?
///     If-None-Match           no           yes
///     does not have the tag   plain        compressed            200, whole
///     has it                  plainKnown   compressedKnown       304, no body
///
/// The two codings are two representations, each with its own strong tag (RFC 9110 §8.8.3.3).
public struct FixedContent: Sendable {
    /// One of the four responses.
    public enum Variant: Int, Sendable {
        /// 200 with the body as it is.
        case plain
        /// 304 to one who has that.
        case plainKnown
        /// 200 with the gzip-coded body.
        case compressed
        /// 304 to one who has that.
        case compressedKnown

        /// How many there are.
        public static var count: Int { 4 }
    }

    let contentType: StaticString
    let body: StaticBytes
    let tag: StaticString
    let gzip: StaticBytes
    let gzipTag: StaticString
    let cacheControl: StaticString
    let fields: StaticString

    /// Content without tag and in one coding: every request gets the same response.
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

    /// Content with an entity tag, so that who has it already is answered with 304.
    ///
    /// - Parameters:
    ///   - contentType: the value of Content-Type.
    ///   - tag: a strong tag in its quotes, another one for every other body.
    ///   - gzip: the body, gzip-coded; empty: there is none. It is used only if it makes the response shorter.
    ///   - gzipTag: its tag, another one than `tag`.
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

    /// Whether every content that has a gzip-coded body is to be sent so: there is no If-None-Match, and Accept-Encoding
    /// begins as the browsers' do. Asked first, it spares them a closer look.
    @inline(__always)
    public static func isCompressedForSure(_ head: borrowing RequestHead, in bytes: Span<UInt8>) -> Bool {
        if head.known[.ifNoneMatch].isPresent { return false }
        return AcceptEncoding.beginsWithGzip(bytes[head.known[.acceptEncoding]])
    }

    /// Which response the request with `head`, a GET or HEAD, gets: ``Variant/plain``, unless the head
    /// ``RequestHead/asksForVariant``.
    public func variant(for head: RequestHead, in bytes: Span<UInt8>) -> Variant {
        let compressed = gzip.count > 0 && Self.prefersGzip(head, bytes)
        if Self.has(compressed ? gzipTag : tag, head, bytes) {
            return compressed ? .compressedKnown : .plainKnown
        }
        return compressed ? .compressed : .plain
    }

    /// Whether the fields called Accept-Encoding, which are one list together (RFC 9110 §5.3), prefer gzip.
    private static func prefersGzip(_ head: RequestHead, _ bytes: Span<UInt8>) -> Bool {
        let first = head.known[.acceptEncoding]
        if AcceptEncoding.beginsWithGzip(bytes[first]) { return true }
        var wishes = AcceptEncoding()
        wishes.read(bytes[first])
        if head.known.isRepeated(.acceptEncoding) {
            wishes = AcceptEncoding()
            var fields = FieldIterator(head)
            while let field = fields.next(in: bytes) {
                if bytes[field.name].equalsIgnoringCase("accept-encoding") { wishes.read(bytes[field.value]) }
            }
        }
        return wishes.prefersGzip
    }

    /// Whether a field called If-None-Match has `tag`.
    private static func has(_ tag: StaticString, _ head: RequestHead, _ bytes: Span<UInt8>) -> Bool {
        let first = head.known[.ifNoneMatch]
        guard first.isPresent, tag.utf8CodeUnitCount > 0 else { return false }
        if EntityTagList.contains(tag.bytes, bytes[first]) { return true }
        guard head.known.isRepeated(.ifNoneMatch) else { return false }
        var fields = FieldIterator(head)
        while let field = fields.next(in: bytes) {
            if bytes[field.name].equalsIgnoringCase("if-none-match"),
                EntityTagList.contains(tag.bytes, bytes[field.value])
            {
                return true
            }
        }
        return false
    }
}

extension RequestHead {
    /// Whether there is If-None-Match or Accept-Encoding, so that the request may get another response than the plain
    /// one. Cost: two tests; asked first, it spares most requests all others.
    @inline(__always)
    public var asksForVariant: Bool { known[.ifNoneMatch].isPresent || known[.acceptEncoding].isPresent }
}
