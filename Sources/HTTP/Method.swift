// Sources/HTTP/Method.swift — request methods.

import Bytes

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
    public init(_ token: Span<UInt8>) {
        let number = methodNames.lineNumber(of: token) ?? Int(Method.other.rawValue)
        self = Method(rawValue: UInt8(truncatingIfNeeded: number)) ?? .other
    }

    /// The method's token, for `Allow` and the log; "-" for ``other``.
    public var name: StaticString { methodNames.line(Int(rawValue)) }
}

/// The names in the order of their cases.
private let methodNames: StaticString = """
    GET
    HEAD
    POST
    PUT
    DELETE
    CONNECT
    OPTIONS
    TRACE
    PATCH
    -

    """

/// A set of methods, such as what a route allows.
public struct MethodSet: Equatable, Sendable {
    /// Bit n: the method with raw value n.
    private var bits: UInt16 = 0

    /// The empty set.
    public init() {}

    /// Whether the set has no members.
    public var isEmpty: Bool { bits == 0 }

    /// Whether `method` is a member.
    public func contains(_ method: Method) -> Bool { bits &>> UInt16(method.rawValue) & 1 != 0 }

    /// Makes `method` a member.
    public mutating func insert(_ method: Method) { bits |= 1 &<< UInt16(method.rawValue) }
}

extension ByteWriter {
    /// Appends the members as the value of an `Allow` field: "GET, HEAD" (RFC 9110 §10.2.1).
    package mutating func append(list methods: MethodSet) {
        var isFirst = true
        for raw in 0..<Method.other.rawValue {
            guard let method = Method(rawValue: raw), methods.contains(method) else { continue }
            if !isFirst { append(", ") }
            append(method.name)
            isFirst = false
        }
    }
}
