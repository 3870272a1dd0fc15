// Sources/Settings/Option.swift — the options by their names.

import Utilities

/// An option of the command line.
enum Option: Sendable {
    case help
    case version
    case reactor
    case accept
    case logFile
    case logLevel
    case set

    /// The option that `text` spells, dashes and all.
    init?(_ text: borrowing Span<UInt8>) {
        if text.spells("--reactor") {
            self = .reactor
        } else if text.spells("--accept") {
            self = .accept
        } else if text.spells("--log-file") {
            self = .logFile
        } else if text.spells("--log-level") {
            self = .logLevel
        } else if text.spells("--set") {
            self = .set
        } else if text.spells("--help") || text.spells("-h") {
            self = .help
        } else if text.spells("--version") || text.spells("-V") {
            self = .version
        } else {
            return nil
        }
    }

    /// Its long name.
    var name: StaticString {
        switch self {
        case .help: "--help"
        case .version: "--version"
        case .reactor: "--reactor"
        case .accept: "--accept"
        case .logFile: "--log-file"
        case .logLevel: "--log-level"
        case .set: "--set"
        }
    }

    /// What is wrong with a value that it does not know.
    var mismatch: StaticString {
        switch self {
        case .help, .version: "takes no value"
        case .reactor: "must be epoll or ppoll"
        case .accept: "must be workers or thread"
        case .logFile: "a path of 1 to 255 bytes, - or off is needed"
        case .logLevel: "must be error, warning, info or debug"
        case .set: "must be NAME=VALUE"
        }
    }
}
