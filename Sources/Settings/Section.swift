// Sources/Settings/Section.swift — the parts of a file.

import Bytes

/// The part of a file that keys stand in, below `[Name]`.
enum Section: UInt8, Sendable {
    case server
    case limits
    case http
    case webSocket
    case log

    /// How many there are.
    static var count: Int { Int(Section.log.rawValue) + 1 }

    /// What stands between the brackets.
    var name: StaticString { Section.names.line(Int(rawValue)) }

    /// The section with this name.
    init?(_ name: borrowing Span<UInt8>) {
        guard let number = Section.names.lineNumber(of: name) else { return nil }
        self.init(rawValue: UInt8(truncatingIfNeeded: number))
    }

    /// The names in the order of the cases.
    static var names: StaticString { "Server\nLimits\nHTTP\nWebSocket\nLog\n" }
}
