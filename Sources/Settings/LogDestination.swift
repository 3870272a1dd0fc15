// Sources/Settings/LogDestination.swift — where the log goes, and how much of it.

import Utilities

/// Where the log is written to.
public enum LogDestination: Sendable {
    /// A file, made if it is missing.
    case file(FilePath)
    /// Standard error, for containers and for watching.
    case standardError
    /// Nowhere.
    case off

    /// `Config.logFilePath`.
    static var standard: LogDestination {
        guard let path = FilePath(Config.logFilePath) else { return .standardError }
        return .file(path)
    }

    /// What `--log-file` means by `text`: `-` is standard error, `off` is nowhere, all else is a path; nil if the path
    /// is not one. A file of the name `off` is `./off`.
    init?(_ text: borrowing Span<UInt8>) {
        if text.spells("-") {
            self = .standardError
        } else if text.spells("off") {
            self = .off
        } else {
            guard let path = FilePath(text) else { return nil }
            self = .file(path)
        }
    }
}
