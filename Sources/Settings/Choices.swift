// Sources/Settings/Choices.swift — settings that are one of a few words.

/// How the workers wait for their descriptors, and move bytes.
@frozen public enum ReactorKind: Int, Sendable {
    /// `uring` where the kernel allows it, else `epoll`.
    case automatic
    /// epoll(7), and io_uring(7) for what several connections receive and send.
    case uring
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
