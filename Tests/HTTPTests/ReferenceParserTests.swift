// Tests/HTTPTests/ReferenceParserTests.swift — random mutations, judged by a slow and plain parser too.

import HTTP
import Testing

/// A parser as plain as can be: only says whether a complete head is valid, written with strings and from the RFC
/// alone.
enum ReferenceParser {
    /// The length of the valid head that `bytes` begin with, or nil if they begin with none that is complete.
    static func length(_ bytes: [UInt8]) -> Int? {
        var rest = bytes[...]
        var lines: [[UInt8]] = []
        var emptyLines = 0
        while true {
            guard let feed = rest.firstIndex(of: 10), feed > rest.startIndex, rest[feed - 1] == 13 else { return nil }
            let line = Array(rest[rest.startIndex..<feed - 1])
            rest = rest[(feed + 1)...]
            guard !line.contains(where: \.isControlByte) else { return nil }
            if line.isEmpty, lines.isEmpty {
                emptyLines += 1
                guard emptyLines <= 4 else { return nil }
            } else if line.isEmpty {
                break
            } else {
                lines.append(line)
            }
        }
        guard isValid(lines.map { String($0.span) }) else { return nil }
        return rest.startIndex
    }

    private static let token = "[-!#$%&'*+.^_`|~0-9A-Za-z]+"
    private static let host = #"(\[[-._~!$&'()*+,;=:0-9A-Za-z]+\]|([-._~!$&'()*+;=0-9A-Za-z]|%[0-9A-Fa-f]{2})*)"#

    private static func isValid(_ lines: [String]) -> Bool {
        let parts = lines[0].split(separator: " ", omittingEmptySubsequences: false).map { String($0) }
        guard parts.count == 3, parts[0].matches(token), parts[2].matches("HTTP/1\\.[0-9]") else { return false }
        let isOld = parts[2] == "HTTP/1.0"
        guard isValidTarget(parts[1], method: parts[0]) else { return false }

        var values: [String: [String]] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":"), String(line[..<colon]).matches(token) else { return false }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            let end = value.lastIndex { $0 != " " && $0 != "\t" }
            values[line[..<colon].lowercased(), default: []].append(end.map { String(value[...$0]) } ?? "")
        }
        let hosts = values["host"] ?? []
        guard hosts.count == 1 || hosts.isEmpty && isOld else { return false }
        guard hosts.allSatisfy({ $0.matches(host + "(:[0-9]*)?") }) else { return false }
        let lengths = values["content-length"] ?? []
        guard lengths.isEmpty || lengths.count == 1 && lengths[0].matches("[0-9]+") && UInt64(lengths[0]) != nil
        else { return false }
        if let codings = values["transfer-encoding"] {
            guard !isOld, lengths.isEmpty, codings.count == 1, codings[0].lowercased() == "chunked" else {
                return false
            }
        }
        return isOld || (values["expect"] ?? []).allSatisfy { $0.lowercased() == "100-continue" }
    }

    private static func isValidTarget(_ target: String, method: String) -> Bool {
        guard target.matches("[!-~]+"), !target.contains("#") else { return false }
        if method == "CONNECT" { return target.matches(host + ":[0-9]+") && !target.hasPrefix(":") }
        if target == "*" { return method == "OPTIONS" }
        if target.hasPrefix("/") { return true }
        for scheme in ["http://", "https://"] where target.lowercased().hasPrefix(scheme) {
            let rest = String(target.dropFirst(scheme.count))
            return rest.matches(host + "(:[0-9]*)?([/?].*)?") && !rest.matches("([:/?].*)?")
        }
        return false
    }
}

extension String {
    /// Whether the whole string matches a regular expression, character by character.
    fileprivate func matches(_ pattern: String) -> Bool {
        guard let expression = Patterns.cache(pattern) else { return false }
        return wholeMatch(of: expression) != nil
    }
}

/// Compiled expressions, each compiled once. Used by one test on one thread.
private enum Patterns {
    nonisolated(unsafe) private static var compiled: [String: Regex<AnyRegexOutput>] = [:]

    static func cache(_ pattern: String) -> Regex<AnyRegexOutput>? {
        if let expression = compiled[pattern] { return expression }
        let expression = try? Regex(pattern).matchingSemantics(.unicodeScalar)
        compiled[pattern] = expression
        return expression
    }
}

/// A small generator, so that a failure can be repeated (splitmix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

@Suite struct ReferenceParserTests {
    /// Pieces that mean something to a parser.
    private static let pieces = [
        "\r\n", "\r", "\n", " ", "\t", ":", ",", ";", "/", "?", "#", "*", "%", "\0", "\u{7F}", "\u{80}", "[", "]", "@",
        "0", "9", "chunked", "Host: y\r\n", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "HTTP/1.1",
        "http://", "GET", "a", "Expect: 100-continue\r\n", "close", "\r\n\r\n",
    ]

    @Test func mutatedRequestsAreJudgedAsByThePlainParser() {
        var generator = SeededGenerator(state: 20_260_101)
        let seeds = RequestParserTests.accepted + RequestParserTests.badFraming.map(\.text)
        var valid = 0
        for round in 0..<4000 {
            var bytes = seeds.randomElement(using: &generator)?.latin1 ?? []
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                mutate(&bytes, &generator)
            }
            let outcome = parse(bytes)
            let expected = ReferenceParser.length(bytes)
            if let expected {
                valid += 1
                guard case .head(let facts) = outcome, facts.length == expected else {
                    Issue.record("round \(round): \(outcome) for \(String(bytes.span).debugDescription)")
                    continue
                }
            } else if case .head = outcome {
                Issue.record("round \(round): accepted \(String(bytes.span).debugDescription)")
            }
            let cut = Int.random(in: 0...bytes.count, using: &generator)
            #expect(parse(bytes, cuts: [cut]) == outcome, "round \(round), cut \(cut)")
        }
        // Else the test would not test much.
        #expect(valid > 500)
    }

    private func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        let index = Int.random(in: 0...bytes.count, using: &generator)
        let piece = Self.pieces.randomElement(using: &generator)?.latin1 ?? []
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes.insert(contentsOf: piece, at: index)
        case 1: bytes.replaceSubrange(index..<min(index + piece.count, bytes.count), with: piece)
        case 2: bytes.removeSubrange(index..<min(index + Int.random(in: 1...3, using: &generator), bytes.count))
        default: if index < bytes.count { bytes[index] = UInt8.random(in: 0...255, using: &generator) }
        }
    }
}
