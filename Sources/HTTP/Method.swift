// Sources/HTTP/Method.swift — request methods.

import Utilities

/// A request method (RFC 9110 §9.3, RFC 5789). Methods are case-sensitive.
public enum Method: UInt8, Sendable {
    /// GET
    case get
    /// HEAD
    case head
    /// POST
    case post
    /// PUT
    case put
    /// DELETE
    case delete
    /// CONNECT
    case connect
    /// OPTIONS
    case options
    /// TRACE
    case trace
    /// PATCH
    case patch
    /// A well-formed token that is none of the above; answered with 501.
    case other

    /// The method that `token` names.
    @inline(__always)
    public init(_ token: Span<UInt8>) {
        switch token.count {
        case 3: self = token.equals("GET") ? .get : token.equals("PUT") ? .put : .other
        case 4: self = token.equals("HEAD") ? .head : token.equals("POST") ? .post : .other
        case 5: self = token.equals("PATCH") ? .patch : token.equals("TRACE") ? .trace : .other
        case 6: self = token.equals("DELETE") ? .delete : .other
        case 7: self = token.equals("OPTIONS") ? .options : token.equals("CONNECT") ? .connect : .other
        default: self = .other
        }
    }

    /// The method's token, for `Allow` and the log; "-" for ``other``.
    public var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .connect: "CONNECT"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .patch: "PATCH"
        case .other: "-"
        }
    }
}

/// A set of methods, such as what a route allows.
public struct MethodSet: Equatable, Sendable {
    /// Bit n: the method with raw value n.
    private var bits: UInt16 = 0

    /// The empty set.
    public init() {}

    /// Whether the set has no members.
    public var isEmpty: Bool { bits == 0 }

    /// Whether `method` is a member.
    public func contains(_ method: Method) -> Bool { bits >> UInt16(method.rawValue) & 1 != 0 }

    /// Makes `method` a member.
    public mutating func insert(_ method: Method) { bits |= 1 << UInt16(method.rawValue) }
}

extension ByteWriter {
    /// Appends the members as the value of an `Allow` field: "GET, HEAD" (RFC 9110 §10.2.1).
    public mutating func append(list methods: MethodSet) {
        var isFirst = true
        for raw in 0..<Method.other.rawValue {
            guard let method = Method(rawValue: raw), methods.contains(method) else { continue }
            if !isFirst { append(", ") }
            append(method.name)
            isFirst = false
        }
    }
}
