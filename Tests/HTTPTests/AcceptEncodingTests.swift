// Tests/HTTPTests/AcceptEncodingTests.swift — which codings a client takes (RFC 9110 §12.5.3).

import Bytes
import Testing

@testable import HTTP

@Suite struct AcceptEncodingTests {
    /// Values of Accept-Encoding, each a field of its own, and whether the response is gzip-coded.
    static let rows: [(values: [String], prefersGzip: Bool, why: String)] = [
        ([], false, "no field: nothing is known"),
        ([""], false, "empty: no coding is wanted"),
        (["gzip"], true, "named"),
        (["GZip"], true, "names are case-insensitive (§8.4.1)"),
        (["x-gzip"], true, "the same as gzip (§8.4.1.3)"),
        (["gzip, deflate, br, zstd"], true, "Chrome"),
        (["deflate, gzip, br, zstd"], true, "curl"),
        (["br,gzip"], true, "no blanks"),
        (["br\t ,\t gzip ;\t q=0.3"], true, "blanks wherever the grammar has OWS"),
        ([",, ,gzip,"], true, "empty elements (§5.6.1.2)"),
        (["br", "gzip"], true, "two fields are one list (§5.3)"),
        (["deflate, br"], false, "not named: not acceptable"),
        (["gzipped"], false, "another name"),
        (["gzip;q=0"], false, "not acceptable (§12.4.2)"),
        (["gzip;q=0.0"], false, "not acceptable"),
        (["gzip;q=0.000"], false, "not acceptable"),
        (["gzip;q=0, *"], false, "named: * is for the others"),
        (["gzip;q=0.001"], true, "acceptable"),
        (["gzip;q=1.000"], true, "acceptable"),
        (["gzip;Q=0.5"], true, "parameter names are case-insensitive (§5.6.6)"),
        (["*"], true, "any coding"),
        (["*;q=0"], false, "none"),
        (["*;q=0.1"], true, "any, and uncoded no more than that"),
        (["*;q=0, gzip"], true, "none but gzip"),
        (["identity"], false, "gzip is not named"),
        (["identity;q=0.5, gzip"], true, "rather gzip"),
        (["identity, gzip;q=0.5"], false, "rather uncoded"),
        (["identity;q=0.5, gzip;q=0.5"], true, "the same to the client"),
        (["identity;q=0, gzip;q=0.1"], true, "not uncoded"),
        (["gzip;q=0.5, *"], false, "uncoded is among the others, which are preferred"),
        (["gzip;q=0.5, identity;q=0.2, *"], true, "uncoded is named"),
        (["gzip;q=0.5;q=0"], false, "no weight"),
        (["gzip;q="], false, "no weight"),
        (["gzip;q=."], false, "no weight"),
        (["gzip;q=2"], false, "no weight: above 1"),
        (["gzip;q=1.001"], false, "no weight: above 1"),
        (["gzip;q=0.1234"], false, "no weight: four digits"),
        (["gzip;q=-1"], false, "no weight"),
        (["gzip;q= 1"], false, "no weight: no blank is allowed there"),
        (["gzip;level=9"], false, "no weight"),
        (["gzip;q=0, gzip"], false, "the first counts"),
        (["gzip;q=x, gzip;q=0.1"], true, "the first that obeys the grammar counts"),
        ([";q=1, gzip"], true, "no name"),
    ]

    @Test(arguments: rows.indices)
    func theListSaysWhetherGzipIsPreferred(_ index: Int) {
        let row = Self.rows[index]
        var wishes = AcceptEncoding()
        for value in row.values { wishes.read(value.latin1.span) }
        #expect(wishes.prefersGzip == row.prefersGzip, "\(row.values): \(row.why)")
    }

    @Test func theEndAfterSemicolonIsNoWeight() {
        for value in ["gzip;", "gzip; ", "gzip;q", ";", ";;", "*;"] {
            var wishes = AcceptEncoding()
            wishes.read(value.latin1.span)
            #expect(!wishes.prefersGzip, "\(value)")
        }
    }
}
