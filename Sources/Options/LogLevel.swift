// Sources/Options/LogLevel.swift — how much of the log is written.

/// How important a line of the log is; smaller is more important.
@frozen public enum LogLevel: UInt8, Sendable, Comparable {
    /// Something that the server should do cannot be done.
    case error
    /// The server continues, but an administrator should know.
    case warning
    /// One line for every connection and request.
    case info
    /// What the reactors do.
    case debug

    /// Whether `left` is more important than `right`.
    @inline(__always)
    public static func < (left: LogLevel, right: LogLevel) -> Bool {
        left.rawValue < right.rawValue
    }
}
