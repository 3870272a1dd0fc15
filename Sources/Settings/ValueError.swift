// Sources/Settings/ValueError.swift — what is wrong with a value, wherever it was written.

import Bytes
import Linux

/// What is wrong with a value.
enum ValueProblem: Error {
    /// Not written as the unit is.
    case malformed(Bounds)
    /// A number, but too small or too large.
    case outOfRange(Bounds)
    /// None of the words that the key knows, and the like.
    case mismatch(Key)
    case badAddress(SocketAddressError)
    /// More addresses than a server listens on.
    case tooManyAddresses
    /// The list is longer than a line may be.
    case tooLong

    /// Appends what is wrong, and what is allowed.
    @_optimize(size)
    func write(into writer: inout ByteWriter) {
        switch self {
        case .malformed(let bounds):
            writer.write(bounds.unit.mismatch)
            bounds.write(into: &writer)
        case .outOfRange(let bounds):
            writer.write("out of range")
            bounds.write(into: &writer)
        case .mismatch(let key): writer.write(key.mismatch)
        case .badAddress(let error): writer.write(error.text)
        case .tooManyAddresses:
            writer.write("one address too many; at most ")
            writer.write(decimal: Config.maxAddresses)
            writer.write(" are allowed")
        case .tooLong:
            writer.write("the list is too long; at most ")
            writer.write(decimal: Config.maxOriginList)
            writer.write(" bytes are allowed")
        }
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
    func write(into writer: inout ByteWriter) {
        excerpt.write(into: &writer)
        writer.write(": ")
        problem.write(into: &writer)
    }
}
