// Sources/Settings/ValueError.swift — what is wrong with a value, wherever it was written.

import Bytes
import Linux

/// What is wrong with a value.
enum ValueProblem: Error {
    /// Not written as the unit is.
    case malformed(Bounds)
    /// A number, but too small or too large.
    case outOfRange(Bounds)
    /// None of a choice's words, and the like.
    case mismatch(ValueKind)
    /// Not the address of a socket.
    case badAddress(SocketAddressError)
    /// More addresses than a server listens on.
    case tooManyAddresses
    /// The list is longer than a line may be.
    case tooLong

    /// Appends what is wrong, and what is allowed.
    @_optimize(size)
    func write(into writer: inout Text) {
        switch self {
        case .malformed(let bounds):
            writer.add(bounds.unit.mismatch)
            Self.write(bounds, into: &writer)
        case .outOfRange(let bounds):
            writer.add("out of range")
            Self.write(bounds, into: &writer)
        case .mismatch(let kind): kind.writeMismatch(into: &writer)
        case .badAddress(let error): writer.add(error.text)
        case .tooManyAddresses:
            writer.add("one address too many; at most ")
            writer.add(decimal: Config.maxAddresses)
            writer.add(" are allowed")
        case .tooLong:
            writer.add("the list is too long; at most ")
            writer.add(decimal: Config.maxOriginList)
            writer.add(" bytes are allowed")
        }
    }

    /// Appends `; 1ms to 24h is allowed`.
    @_optimize(size)
    static func write(_ bounds: Bounds, into writer: inout Text) {
        writer.add("; ")
        bounds.write(into: &writer)
        writer.add(" is allowed")
    }
}

/// A wrong value: its beginning, or that of the wrong item of a list, and what is wrong with it.
struct ValueError: Error {
    let excerpt: Excerpt
    let problem: ValueProblem

    init(_ text: borrowing Span<UInt8>, _ problem: ValueProblem) {
        excerpt = Excerpt(text)
        self.problem = problem
    }

    /// Appends `'300': out of range; 0 to 256 is allowed`, at most 400 bytes.
    @inline(never)
    func write(into writer: inout Text) {
        excerpt.write(into: &writer)
        writer.add(": ")
        problem.write(into: &writer)
    }
}
