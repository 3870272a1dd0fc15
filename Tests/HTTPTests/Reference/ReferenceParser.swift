// Tests/HTTPTests/Reference/ReferenceParser.swift — a slow and plain parser of request heads, to judge the real one by.

import Bytes
import HTTP

/// A parser as plain as can be: copies everything, looks at one thing at a time, and is written from the RFC alone.
///
/// Shares nothing with the real one but the limits and the types of the result.
enum ReferenceParser {
    /// Judges the head that `bytes` begin with.
    static func judge(_ bytes: [UInt8], _ limits: RequestLimits = RequestLimits()) -> Verdict<ReferenceRequest> {
        var rest = bytes[...]
        var emptyLines = 0
        var request: ReferenceRequest?
        while true {
            var longest = limits.head - 2 - rest.startIndex
            if request == nil { longest = min(longest, limits.target + Config.requestLineAllowance) }
            let line: [UInt8]
            switch nextLine(&rest, longest) {
            case .incomplete: return .incomplete
            case .refused: return .refused
            case .complete(let text): line = text
            }

            if var known = request {
                if line.isEmpty {
                    known.length = rest.startIndex
                    return conclude(known)
                }
                guard known.fields.count < limits.fields, let field = field(line) else { return .refused }
                known.fields.append(field)
                guard isValid(field, in: known) else { return .refused }
                request = known
            } else if line.isEmpty {
                emptyLines += 1
                guard emptyLines <= Config.maxEmptyLines else { return .refused }
            } else {
                request = requestLine(line, limits)
                guard request != nil else { return .refused }
            }
        }
    }

    // MARK: Lines (RFC 9112 §2.2)

    /// Takes the next line, without its CRLF, off `rest`.
    private static func nextLine(_ rest: inout ArraySlice<UInt8>, _ longest: Int) -> Verdict<[UInt8]> {
        let text = Array(rest.prefix { !isControl($0) })
        guard text.count <= longest else { return .refused }
        let end = Array(rest.dropFirst(text.count).prefix(2))
        if end.isEmpty || end == [13] { return .incomplete }
        guard end == [13, 10] else { return .refused }
        rest = rest.dropFirst(text.count + 2)
        return .complete(text)
    }

    /// `method SP request-target SP HTTP-version` (RFC 9112 §3).
    private static func requestLine(_ line: [UInt8], _ limits: RequestLimits) -> ReferenceRequest? {
        let parts = line.split(separator: 32, omittingEmptySubsequences: false).map { Array($0) }
        guard parts.count == 3, isToken(parts[0]), parts[1].count <= limits.target else { return nil }
        guard parts[2].count == 8, parts[2].starts(with: Array("HTTP/1.".utf8)), isDigit(parts[2][7]) else {
            return nil
        }
        var request = ReferenceRequest()
        request.method = parts[0]
        request.target = parts[1]
        request.isOld = parts[2][7] == 48
        return readTarget(&request) ? request : nil
    }

    /// `field-name ":" OWS field-value OWS` (RFC 9112 §5).
    private static func field(_ line: [UInt8]) -> ReferenceRequest.Field? {
        guard let colon = line.firstIndex(of: 58), isToken(Array(line[..<colon])) else { return nil }
        return ReferenceRequest.Field(name: Array(line[..<colon]), value: trimmed(line[(colon + 1)...]))
    }

    // MARK: The target (RFC 9112 §3.2)

    /// Takes the target apart, whichever of the four forms it has; false if it has none.
    private static func readTarget(_ request: inout ReferenceRequest) -> Bool {
        let target = request.target
        guard !target.isEmpty, target.allSatisfy({ $0 > 32 && $0 < 127 && $0 != 35 }) else { return false }
        if request.method == Array("CONNECT".utf8) {
            request.authority = target
            guard let (host, port) = hostAndPort(target), !host.isEmpty, let port else { return false }
            return !port.isEmpty
        }
        if target == [42] {
            request.path = target
            return request.method == Array("OPTIONS".utf8)
        }

        var afterAuthority = target[...]
        if target[0] != 47 {
            let schemes = ["http://", "https://"].map { Array($0.utf8) }
            guard let scheme = schemes.first(where: { lower(target).starts(with: $0) }) else { return false }
            let authority = Array(target.dropFirst(scheme.count).prefix { $0 != 47 && $0 != 63 })
            guard let (host, _) = hostAndPort(authority), !host.isEmpty else { return false }
            request.authority = authority
            afterAuthority = target.dropFirst(scheme.count + authority.count)
        }
        request.path = Array(afterAuthority.prefix { $0 != 63 })
        if request.path.isEmpty { request.path = [47] }
        if let mark = afterAuthority.firstIndex(of: 63) { request.query = Array(target[(mark + 1)...]) }
        return true
    }

    /// `uri-host [ ":" port ]` (RFC 9110 §7.2): both parts, the port nil if there is no colon; nil if it is neither.
    private static func hostAndPort(_ bytes: [UInt8]) -> (host: [UInt8], port: [UInt8]?)? {
        let isLiteral = bytes.first == 91
        let end = isLiteral ? bytes.firstIndex(of: 93).map { $0 + 1 } : bytes.firstIndex(of: 58) ?? bytes.count
        guard let end else { return nil }
        let host = Array(bytes[..<end])
        guard isLiteral ? isAddress(Array(host.dropFirst().dropLast())) : isName(host) else { return nil }
        guard end < bytes.count else { return (host, nil) }
        let port = Array(bytes[(end + 1)...])
        return bytes[end] == 58 && port.allSatisfy(isDigit) ? (host, port) : nil
    }

    /// The marks of a registered name. The comma is not taken outside of brackets, as two merged Hosts would have one.
    private static let nameMarks = Array("-._~!$&'()*+;=".utf8)

    private static func isAddress(_ bytes: [UInt8]) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy { isAlphanumeric($0) || nameMarks.contains($0) || $0 == 58 || $0 == 44 }
    }

    private static func isName(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while let first = rest.popFirst() {
            if first == 37 {
                guard rest.count >= 2, rest.prefix(2).allSatisfy(isHexadecimal) else { return false }
                rest = rest.dropFirst(2)
            } else {
                guard isAlphanumeric(first) || nameMarks.contains(first) else { return false }
            }
        }
        return true
    }

    // MARK: Fields

    /// Whether the field just read, the last of `request`, may stand there.
    private static func isValid(_ field: ReferenceRequest.Field, in request: ReferenceRequest) -> Bool {
        let value = field.value
        let isFirst = values(of: String(decoding: lower(field.name), as: UTF8.self), in: request).count == 1
        switch lower(field.name) {
        case Array("host".utf8): return isFirst && hostAndPort(value) != nil
        case Array("content-length".utf8): return isFirst && number(value) != nil
        case Array("transfer-encoding".utf8): return isFirst && !request.isOld && lower(value) == Array("chunked".utf8)
        case Array("expect".utf8): return request.isOld || lower(value) == Array("100-continue".utf8)
        default: return true
        }
    }

    /// What follows from all fields together (RFC 9112 §6.3, §9.3).
    private static func conclude(_ read: ReferenceRequest) -> Verdict<ReferenceRequest> {
        var request = read
        let host = values(of: "host", in: request).first
        guard host != nil || request.isOld else { return .refused }
        request.authority = request.authority ?? host

        let length = values(of: "content-length", in: request).first.flatMap { number($0) }
        if !values(of: "transfer-encoding", in: request).isEmpty {
            guard length == nil else { return .refused }
            request.framing = .chunked
        } else if let length, length > 0 {
            request.framing = .sized(length)
        }
        let hasBody = request.framing != .none
        request.expectsContinue = !request.isOld && hasBody && !values(of: "expect", in: request).isEmpty

        let options = elements(of: "connection", in: request)
        request.keepsAlive = !options.contains("close") && (!request.isOld || options.contains("keep-alive"))
        request.wantsWebSocket =
            !request.isOld && options.contains("upgrade") && elements(of: "upgrade", in: request).contains("websocket")

        for name in knownNames {
            let all = values(of: name, in: request)
            request.known.append(ReferenceRequest.KnownValue(first: all.first, isRepeated: all.count > 1))
        }
        return .complete(request)
    }

    /// The names of ``KnownField``, in the order of its cases.
    private static let knownNames = [
        "host", "connection", "content-length", "transfer-encoding", "expect", "upgrade", "if-match",
        "if-none-match", "accept-encoding", "origin", "sec-websocket-key", "sec-websocket-version",
        "sec-websocket-protocol", "sec-websocket-extensions",
    ]

    /// The values of all fields of a name.
    private static func values(of name: String, in request: ReferenceRequest) -> [[UInt8]] {
        request.fields.filter { lower($0.name) == Array(name.utf8) }.map(\.value)
    }

    /// The elements of the list that all fields of a name are together, in small letters (RFC 9110 §5.6.1).
    private static func elements(of name: String, in request: ReferenceRequest) -> [String] {
        values(of: name, in: request).flatMap { value in
            value.split(separator: 44).map { String(decoding: lower(trimmed($0)), as: UTF8.self) }
        }
    }
}
