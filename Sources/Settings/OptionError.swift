// Sources/Settings/OptionError.swift — what is wrong with a command line.

import Linux
import Utilities

/// The first wrong argument of a command line: which, what is wrong with it, and what is allowed.
public struct OptionError: Error {
    enum Problem: Error {
        /// No option is called so.
        case unknownOption
        /// The option stands last, without the value that it needs.
        case missingValue
        /// Not a value of the option.
        case badValue(Option)
        /// `--set` of something that is not a limit.
        case unknownLimit
        /// Not written as the quantity's unit is.
        case malformed(Quantity)
        /// A number, but too small or too large.
        case outOfRange(Quantity)
        case badAddress(SocketAddressError)
        /// A Unix socket has no port.
        case portOfUnixSocket
        /// A fourth operand.
        case tooManyOperands

        var text: StaticString {
            switch self {
            case .unknownOption: "no such option; see --help"
            case .missingValue: "a value is missing; see --help"
            case .badValue(let option): option.mismatch
            case .unknownLimit:
                """
                no such limit; NAME must be idleTimeout, requestTimeout, writeTimeout, drainTimeout, pingInterval, \
                pingTimeout, closeTimeout, maxMessage, maxFrame, maxConnections or heapLimit
                """
            case .malformed(let quantity): quantity.unit.mismatch
            case .outOfRange: "out of range"
            case .badAddress(let error): error.text
            case .portOfUnixSocket: "a Unix socket has no port"
            case .tooManyOperands: "one argument too many; only WORKERS IP PORT are allowed"
            }
        }
    }

    private let subject: StaticString
    private let argument: Excerpt
    private let problem: Problem

    /// `subject` is what the argument stands for: an option's name, or that of an operand.
    init(_ subject: StaticString, _ argument: borrowing Span<UInt8>, _ problem: Problem) {
        self.subject = subject
        self.argument = Excerpt(argument)
        self.problem = problem
    }

    /// Appends one line without a line feed, at most 400 bytes: `WORKERS '300': out of range; 0 to 256 is allowed`.
    public func describe(into writer: inout ByteWriter) {
        writer.write(subject)
        writer.write(" ")
        argument.write(into: &writer)
        writer.write(": ")
        writer.write(problem.text)
        switch problem {
        case .malformed(let quantity), .outOfRange(let quantity):
            writer.write("; ")
            quantity.unit.write(quantity.range.lowerBound, into: &writer)
            writer.write(" to ")
            quantity.unit.write(quantity.range.upperBound, into: &writer)
            writer.write(" is allowed")
        default: break
        }
    }
}
