// Sources/Settings/Choices.swift — settings that are one of a few words.

/// Which system call the workers wait in.
@frozen public enum ReactorKind: Int, Sendable {
    /// epoll(7), edge-triggered.
    case epoll
    /// ppoll(2).
    case ppoll
}

/// Who accepts connections.
@frozen public enum AcceptMode: Int, Sendable {
    /// Every worker, from its own reactor.
    case workers
    /// One thread that does nothing else, and hands them over.
    case thread
}

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
