// Sources/Settings/Option.swift — the options by their names.

import Bytes

/// An option of the command line.
enum Option: UInt8, Sendable {
    case help
    case version
    case checkConfig
    case printConfig
    case config
    case set
    case reactor
    case accept
    case logFile
    case logLevel
    case origins

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

    /// What it asks for instead of serving; nil: it takes a value.
    var action: Configuration.Action? {
        switch self {
        case .help: .help
        case .version: .version
        case .checkConfig: .check
        case .printConfig: .print
        default: nil
        }
    }

    /// The key that it sets, if it is one that has an option of its own.
    var key: Key? {
        switch self {
        case .reactor: .reactor
        case .accept: .accept
        case .logFile: .logFile
        case .logLevel: .logLevel
        case .origins: .origins
        default: nil
        }
    }
}

/// The long names in the order of their cases.
private let names: StaticString = """
    --help
    --version
    --check-config
    --print-config
    --config
    --set
    --reactor
    --accept
    --log-file
    --log-level
    --origins

    """
