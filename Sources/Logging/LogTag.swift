// Sources/Logging/LogTag.swift — the first word of a log line.

import Bytes

/// What a line is about; the log can be filtered by it. Each layer declares its own, as static constants.
@frozen public struct LogTag: Sendable {
    /// The word with its brackets: `[HTTP]`.
    public let text: StaticBytes

    /// The tag `text`, a word in brackets.
    @inline(__always)
    public init(_ text: StaticString) { self.text = StaticBytes(text) }

    /// The log itself.
    public static var log: LogTag { LogTag("[LOG]") }

    /// Bytes of the word without its brackets.
    var length: Int { text.count - 2 }
}
