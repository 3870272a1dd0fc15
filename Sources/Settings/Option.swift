// Sources/Settings/Option.swift — the options by their names.

import Utilities

/// An option of the command line.
enum Option: UInt8, Sendable {
    case help
    case version
    case reactor
    case accept
    case logFile
    case logLevel
    case origins
    case set

    /// The option that `text` spells, dashes and all.
    init?(_ text: borrowing Span<UInt8>) {
        if text.spells("-h") {
            self = .help
        } else if text.spells("-V") {
            self = .version
        } else {
            guard let number = names.lineNumber(of: text) else { return nil }
            self.init(rawValue: UInt8(truncatingIfNeeded: number))
        }
    }

    /// Its long name.
    var name: StaticString { names.line(Int(rawValue)) }

    /// What is wrong with a value that it does not know.
    var mismatch: StaticString { mismatches.line(Int(rawValue)) }
}

/// The long names in the order of their cases.
private let names: StaticString = """
    --help
    --version
    --reactor
    --accept
    --log-file
    --log-level
    --origins
    --set

    """

/// What is wrong with a value, in the same order.
private let mismatches: StaticString = """
    takes no value
    takes no value
    must be epoll or ppoll
    must be workers or thread
    a path of 1 to 255 bytes, - or off is needed
    must be error, warning, info or debug
    must be one or more such as https://example.org, with a space between them
    must be NAME=VALUE

    """
