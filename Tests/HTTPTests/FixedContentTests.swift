// Tests/HTTPTests/FixedContentTests.swift — which response a request for fixed content gets, and its bytes.

import Bytes
import HTTP
import Testing

@Suite struct FixedContentTests {
    private static let body: StaticString = """
        A body that is so much longer than its gzip-coded form that it pays to send the latter, in spite of the fields.
        """
    private static let page = FixedContent(
        contentType: "text/html", StaticBytes(body), tag: "\"plain\"", gzip: "(coded)", gzipTag: "\"coded\"",
        cacheControl: "no-cache", fields: "X-Field: 1\r\n")
    private static let simple = FixedContent(contentType: "text/plain", "ok\n", cacheControl: "no-store")

    /// What `content` answers to a request with these field lines.
    private static func variant(_ content: FixedContent, _ lines: [String], method: String = "GET") -> Int? {
        let text = (["\(method) / HTTP/1.1", "Host: a"] + lines).map { $0 + "\r\n" }.joined() + "\r\n"
        let bytes = text.latin1
        var head = RequestHead()
        var scanned = 0
        guard let isComplete = try? RequestParser.parse(bytes.span, scanned: &scanned, into: &head), isComplete else {
            return nil
        }
        return content.variant(for: head, in: bytes.span).rawValue
    }

    static let rows: [(lines: [String], variant: FixedContent.Variant)] = [
        ([], .plain),
        (["Accept: text/html"], .plain),
        (["Accept-Encoding:"], .plain),
        (["Accept-Encoding: br"], .plain),
        (["Accept-Encoding: gzip"], .compressed),
        (["ACCEPT-ENCODING: GZIP, deflate"], .compressed),
        (["Accept-Encoding: gzip;q=0"], .plain),
        (["Accept-Encoding: gzipx"], .plain),
        (["Accept-Encoding: br", "X-Other: 1", "accept-encoding: gzip"], .compressed),
        (["Accept-Encoding: gzip;q=0", "Accept-Encoding: *"], .plain),
        (["If-None-Match: \"plain\""], .plainKnown),
        (["If-None-Match: W/\"plain\""], .plainKnown),
        (["If-None-Match: *"], .plainKnown),
        (["If-None-Match: \"coded\""], .plain),
        (["If-None-Match:"], .plain),
        (["If-None-Match: \"x\"", "if-none-match: \"plain\""], .plainKnown),
        (["If-None-Match: \"x\"", "If-None-Match: \"y\""], .plain),
        (["If-None-Match: \"coded\"", "Accept-Encoding: gzip, br"], .compressedKnown),
        (["Accept-Encoding: br, gzip", "If-None-Match: \"x\", \"coded\""], .compressedKnown),
        (["If-None-Match: \"plain\"", "Accept-Encoding: gzip"], .compressed),
        (["If-None-Match: *", "Accept-Encoding: gzip"], .compressedKnown),
        (["If-None-Match: \"plain\"", "Accept-Encoding: identity"], .plainKnown),
        (["If-Match: \"plain\""], .plain),
        (["If-Match: *"], .plain),
        (["If-Match: *", "Accept-Encoding: gzip"], .compressed),
        (["If-Match: \"x\", \"plain\""], .plain),
        (["If-Match: \"x\"", "Accept: */*", "if-match: \"plain\""], .plain),
        (["If-Match: \"coded\"", "Accept-Encoding: gzip"], .compressed),
        (["If-Match: \"plain\"", "Accept-Encoding: gzip"], .unwanted),
        (["If-Match: W/\"plain\""], .unwanted),
        (["If-Match: \"x\""], .unwanted),
        (["If-Match:"], .unwanted),
        (["If-Match: \"x\"", "If-Match: \"y\""], .unwanted),
        (["If-Match: \"x\"", "If-None-Match: \"plain\""], .unwanted),
        (["If-None-Match: *", "If-Match: \"plain\""], .plainKnown),
        (["If-None-Match: \"x\"", "If-Match: \"plain\""], .plain),
    ]

    @Test(arguments: rows.indices)
    func aRequestIsAnsweredByItsFields(_ index: Int) {
        let row = Self.rows[index]
        for method in ["GET", "HEAD"] {
            #expect(Self.variant(Self.page, row.lines, method: method) == row.variant.rawValue, "\(row.lines)")
        }
    }

    /// What has no tag is none of those that a list names, but it is there: that is what `*` asks.
    @Test(arguments: rows.indices)
    func contentWithoutTagAndCodingIsAnsweredByConditionsAlone_RFC9110_13_1(_ index: Int) {
        let lines = Self.rows[index].lines
        let lists = lines.filter { $0.lowercased().hasPrefix("if-match") }
        let isWanted = lists.isEmpty || lists.contains("If-Match: *")
        let expected: FixedContent.Variant =
            !isWanted ? .unwanted : lines.contains("If-None-Match: *") ? .plainKnown : .plain
        #expect(Self.variant(Self.simple, lines) == expected.rawValue)
    }

    @Test func aCodedBodyThatMakesTheResponseNoShorterIsNotOffered() {
        let content = FixedContent(
            contentType: "a", "0123456789 0123456789 0123456789 0123456789", tag: "\"a\"", gzip: "x", gzipTag: "\"b\"")
        #expect(!content.offers(.compressed) && !content.offers(.compressedKnown))
        #expect(content.offers(.plain) && content.offers(.plainKnown))
        #expect(Self.variant(content, ["Accept-Encoding: gzip"]) == FixedContent.Variant.plain.rawValue)
    }

    @Test func onlyWhatIsThereIsOffered() {
        for variant in [FixedContent.Variant.plain, .plainKnown, .unwanted] {
            #expect(Self.simple.offers(variant) && Self.page.offers(variant))
        }
        for variant in [FixedContent.Variant.compressed, .compressedKnown] {
            #expect(!Self.simple.offers(variant) && Self.page.offers(variant))
        }
    }

    // MARK: Bytes

    private static func bytes(_ content: FixedContent, _ variant: FixedContent.Variant, head: Bool = false) -> String {
        let context = ResponseContext(version: .http11, isHead: head, keepsAlive: true)
        return written { output in
            _ = written(content.maxLength) { store in
                let response = content.response(variant, HTTPDate(784_111_777), in: &store)
                response?.append(context, from: store, to: &output)
            }
        }
    }

    private static let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

    @Test func theWholeResponseNamesItsCodingItsTagAndWhatItVariesBy() {
        let length = Self.body.utf8CodeUnitCount
        #expect(
            Self.bytes(Self.page, .plain) == "HTTP/1.1 200 OK\r\n" + Self.date
                + "Content-Length: \(length)\r\nContent-Type: text/html\r\nETag: \"plain\"\r\n"
                + "Cache-Control: no-cache\r\nVary: Accept-Encoding\r\nX-Field: 1\r\n\r\n\(Self.body)")
        #expect(
            Self.bytes(Self.page, .compressed) == "HTTP/1.1 200 OK\r\n" + Self.date
                + "Content-Length: 7\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nETag: \"coded\"\r\n"
                + "Cache-Control: no-cache\r\nVary: Accept-Encoding\r\nX-Field: 1\r\n\r\n(coded)")
        #expect(
            Self.bytes(Self.simple, .plain) == "HTTP/1.1 200 OK\r\n" + Self.date
                + "Content-Length: 3\r\nContent-Type: text/plain\r\nCache-Control: no-store\r\n\r\nok\n")
    }

    @Test func notModifiedHasTheFieldsOfSection15_4_5AndNoOthers() {
        for head in [false, true] {
            #expect(
                Self.bytes(Self.page, .plainKnown, head: head) == "HTTP/1.1 304 Not Modified\r\n" + Self.date
                    + "ETag: \"plain\"\r\nCache-Control: no-cache\r\nVary: Accept-Encoding\r\n\r\n")
            #expect(
                Self.bytes(Self.page, .compressedKnown, head: head) == "HTTP/1.1 304 Not Modified\r\n" + Self.date
                    + "ETag: \"coded\"\r\nCache-Control: no-cache\r\nVary: Accept-Encoding\r\n\r\n")
        }
    }

    @Test func preconditionFailedSaysSoAndHasNoTag() {
        for content in [Self.page, Self.simple] {
            #expect(
                Self.bytes(content, .unwanted) == "HTTP/1.1 412 Precondition Failed\r\n" + Self.date
                    + "Content-Length: 24\r\nContent-Type: text/plain\r\n\r\n412 Precondition Failed\n")
        }
    }

    @Test func notModifiedOfWhatHasNoTagHasNone() {
        #expect(
            Self.bytes(Self.simple, .plainKnown) == "HTTP/1.1 304 Not Modified\r\n" + Self.date
                + "Cache-Control: no-store\r\n\r\n")
    }

    @Test func headIsAnsweredLikeGetWithoutTheBody() {
        for variant in [FixedContent.Variant.plain, .compressed, .unwanted] {
            let whole = Self.bytes(Self.page, variant)
            let head = Self.bytes(Self.page, variant, head: true)
            #expect(head.hasSuffix("\r\n\r\n") && whole.hasPrefix(head) && whole != head)
        }
    }

    @Test func aResponseThatDoesNotFitIsNil() {
        _ = written(Self.body.utf8CodeUnitCount) { store in
            let response = Self.page.response(.plain, HTTPDate(), in: &store)
            #expect(response == nil)
        }
    }
}
