// Sources/Settings/Choices.swift — settings that are one of a few words.

/// Which of `/metrics` and `/healthz` are answered on sockets for administration alone.
@frozen public enum AdminRoutes: Int, Sendable {
    /// Neither: both are answered everywhere.
    case everywhere
    /// `/metrics`.
    case metrics
    /// Both.
    case admin
}

/// Where the log is written to.
@frozen public enum LogDestination: Int, Sendable {
    /// A file, made if it is missing: `Settings.logFile`.
    case file
    /// Standard error, for containers and for watching.
    case standardError
    /// Nowhere.
    case off
}
