// Sources/Systemd/JournalKind.swift — the kinds of journal entries, with their message ids.

import Bytes
import Options

/// What an entry of the journal is about: `journalctl MESSAGE_ID=…` finds all of a kind, in every version of the
/// program.
///
/// An id is made once, by `systemd-id128 new`, and never used for another kind. Message catalogs and
/// monitoring refer to it (sd-journal(3), journalctl(1)).
public enum JournalKind: Sendable {
    /// The service is up: `[START] version=…`.
    case started
    /// The service has ended in order: `[START] stopped`.
    case stopped
    /// Another event in the service's life: draining, sockets that were passed.
    case lifecycle
    /// A signal came.
    case signal
    /// Accepting has paused, because a resource has run out.
    case acceptPaused
    /// Accepting has resumed.
    case acceptResumed
    /// The configuration was read, or what it changed.
    case configuration
    /// The configuration is wrong; the old one, if there is one, is kept.
    case configurationRefused
    /// A worker does not answer.
    case watchdog
    /// The log file: reopened, cannot be opened, lines lost.
    case log

    /// The kind of a log line, by its tag and the word behind it; nil: none of its own.
    ///
    /// - Parameter line: `[TAG] …`, as the log has it.
    public init?(of line: borrowing Span<UInt8>, level: LogLevel) {
        if line.starts(with: "[START] version=") {
            self = .started
        } else if line.starts(with: "[START] stopped") {
            self = .stopped
        } else if line.starts(with: "[START]") {
            self = .lifecycle
        } else if line.starts(with: "[SIGNAL]") {
            self = .signal
        } else if line.starts(with: "[ACCEPT] paused") {
            self = .acceptPaused
        } else if line.starts(with: "[ACCEPT] resumed") {
            self = .acceptResumed
        } else if line.starts(with: "[CONFIG]") {
            self = level == .error ? .configurationRefused : .configuration
        } else if line.starts(with: "[WATCHDOG]") {
            self = .watchdog
        } else if line.starts(with: "[LOG]") {
            self = .log
        } else {
            return nil
        }
    }

    /// The id: 128 bits in hexadecimal.
    public var messageID: StaticString {
        switch self {
        case .started: "c3f01f3a8161423a95bf2b4d63645c26"
        case .stopped: "b1c5db410b3a415f861ea799185ddf3b"
        case .lifecycle: "e6c4abc0377d4a9aa2092a057eb3e58b"
        case .signal: "aa1d649274874cd1b8a4e2ff2cfef30f"
        case .acceptPaused: "57bbf878b97f4c3cb084db10a56f9fe4"
        case .acceptResumed: "81294ae3f83e4b1083f3ba2f746487bb"
        case .configuration: "aac13dc40d58402ab9ea78ce53ec41e9"
        case .configurationRefused: "3b8b71f2bd4244eea3d169b64b1dec7a"
        case .watchdog: "ca81918226e44fb3860b26aad7bcf555"
        case .log: "9b23b7caae0648f6928a4518de0073f0"
        }
    }
}
