// Tests/HTTPTests/RouteTableTests.swift — routing.

import Bytes
import HTTP
import Testing

@Suite struct RouteTableTests {
    private static func table() -> RouteTable {
        var table = RouteTable()
        table.add(.get, "/")
        table.add(.get, "/healthz")
        table.add(.post, "/echo")
        table.add(.put, "/echo")
        table.add(.get, "/files/*")
        table.add(.get, "/user/:id")
        table.add(.delete, "/user/:id")
        table.add(.get, "/user/:id/post/:number")
        table.add(.get, "/user/me")
        table.add(.get, "/a:b/*c")
        return table
    }

    static let found: [(method: Method, path: String, index: Int, parameters: [String])] = [
        (.get, "/", 0, []),
        (.head, "/", 0, []),
        (.get, "/healthz", 1, []),
        (.post, "/echo", 2, []),
        (.put, "/echo", 3, []),
        (.get, "/files/", 4, [""]),
        (.get, "/files/a/b.c", 4, ["a/b.c"]),
        (.get, "/files/../x", 4, ["../x"]),
        (.get, "/user/7", 5, ["7"]),
        (.head, "/user/7", 5, ["7"]),
        (.delete, "/user/me", 6, ["me"]),
        (.get, "/user/7/post/8", 7, ["7", "8"]),
        (.get, "/user/me", 8, []),
        (.get, "/user/%6De", 5, ["%6De"]),
        (.get, "/a:b/*c", 9, []),
    ]

    @Test(arguments: found.indices)
    func aRouteIsFound(_ index: Int) {
        let row = Self.found[index]
        let path = row.path.latin1
        guard case .found(let match) = Self.table().match(row.method, path.span) else {
            Issue.record("not found: \(row)")
            return
        }
        #expect(match.index == row.index)
        let parameters = (0..<match.parameters.count).map { String(path.span[match.parameters[$0]]) }
        #expect(parameters == row.parameters)
    }

    @Test(arguments: [
        "", "/healthz/", "/health", "/healthzz", "//", "/./", "/files", "/filesx", "/user", "/user/",
        "/user/7/", "/user/7/post", "/user/7/post/", "/user//post/8", "/Healthz", "/%68ealthz", "/ax/*c",
    ])
    func otherPathsAreNotFound(_ path: String) {
        #expect(Self.table().match(.get, path.latin1.span) == .notFound)
    }

    static let refused: [(method: Method, path: String, allow: String)] = [
        (.post, "/", "GET, HEAD, OPTIONS"),
        (.get, "/echo", "POST, PUT, OPTIONS"),
        (.head, "/echo", "POST, PUT, OPTIONS"),
        (.post, "/user/7", "GET, HEAD, DELETE, OPTIONS"),
        (.put, "/user/me", "GET, HEAD, DELETE, OPTIONS"),
        (.options, "/files/x", "GET, HEAD, OPTIONS"),
        (.options, "*", "GET, HEAD, POST, PUT, DELETE, OPTIONS"),
    ]

    @Test(arguments: refused.indices)
    func aMethodThatNoRouteTakesIsToldWhatIsAllowed(_ index: Int) {
        let row = Self.refused[index]
        guard case .methodNotAllowed(let methods) = Self.table().match(row.method, row.path.latin1.span) else {
            Issue.record("not refused: \(row)")
            return
        }
        #expect(written { $0.append(list: methods) } == row.allow)
    }

    @Test func anUnknownMethodIsNotImplemented() {
        #expect(Self.table().match(.other, "/".latin1.span) == .methodUnknown)
        #expect(Self.table().match(.connect, "".latin1.span) == .methodUnknown)
    }

    @Test func aFullTableTakesNoMoreRoutes() async {
        var full = RouteTable()
        for index in 0..<Config.maxRoutes { #expect(full.add(.get, "/") == index) }
        await #expect(processExitsWith: .failure) {
            var table = RouteTable()
            for _ in 0...Config.maxRoutes { table.add(.get, "/") }
        }
    }

    @Test func anEmptyTableFindsNothing() {
        #expect(RouteTable().match(.get, "/".latin1.span) == .notFound)
    }
}

@Suite struct PercentDecodingTests {
    static let decoded: [(text: String, plusIsSpace: Bool, result: String?)] = [
        ("", false, ""),
        ("abc", false, "abc"),
        ("a%20b%2Fc%2fd", false, "a b/c/d"),
        ("%25%32%30", false, "%20"),
        ("%2520", false, "%20"),
        ("%E9%ff", false, "\u{E9}\u{FF}"),
        ("a+b", false, "a+b"),
        ("a+b%2B", true, "a b+"),
        ("%", false, nil),
        ("%2", false, nil),
        ("a%2", false, nil),
        ("%zz", false, nil),
        ("%2z", false, nil),
        ("a%00b", false, nil),
    ]

    @Test(arguments: decoded.indices)
    func textIsDecodedOrRefused(_ index: Int) {
        let row = Self.decoded[index]
        var isValid = false
        let result = written {
            isValid = PercentDecoding.append(row.text.latin1.span, to: &$0, plusIsSpace: row.plusIsSpace)
        }
        #expect(isValid == (row.result != nil))
        #expect(result == row.result ?? "")
    }

    @Test func whatDoesNotFitIsRefused() {
        var isValid = true
        #expect(written(3) { isValid = PercentDecoding.append("abcd".latin1.span, to: &$0) } == "")
        #expect(!isValid)
    }

    private func hasDotSegment(_ path: String) -> Bool { PercentDecoding.hasDotSegment(path.latin1.span) }

    @Test func dotSegmentsAreSeen() {
        for path in [".", "..", "/..", "a/../b", "a/.", "./a", "a//../b"] {
            #expect(hasDotSegment(path), "\(path)")
        }
        for path in ["", "/", "a", "a..", "..a", "/...", "a/b.c", ".a/b", "a."] {
            #expect(!hasDotSegment(path), "\(path)")
        }
    }
}
