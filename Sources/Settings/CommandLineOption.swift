// Sources/Settings/CommandLineOption.swift — the options by their names.

import Bytes

/// An option of the command line.
enum CommandLineOption: Sendable {
    /// Asks for something else than serving: `--help`.
    case action(Configuration.Action)
    /// `--config PATH`.
    case config
    /// `--set NAME=VALUE`.
    case set
    /// An option for one setting: `--log-file PATH`.
    case setting(Key)

    /// The option that `text` spells, dashes and all.
    @_optimize(size)
    init?(_ text: borrowing Span<UInt8>) {
        switch names.lineNumber(of: text) {
        case 0, 1: self = .action(.help)
        case 2, 3: self = .action(.version)
        case 4: self = .action(.check)
        case 5: self = .action(.print)
        case 6: self = .config
        case 7: self = .set
        default:
            guard let key = Key(text, at: .option) else { return nil }
            self = .setting(key)
        }
    }
}

/// The names of those that are no setting's.
private let names: StaticString = """
    --help
    -h
    --version
    -V
    --check-config
    --print-config
    --config
    --set

    """
