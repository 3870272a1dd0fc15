// Sources/Runtime/LogTag.swift — the first word of a log line.

/// What a line is about. The log can be filtered by it.
@frozen public enum LogTag: UInt8, Sendable {
    /// The process begins, is ready, ends.
    case start
    /// Connections come; accepting pauses and resumes.
    case accept
    /// A request was answered.
    case http
    /// A WebSocket.
    case ws
    /// The epoll reactor.
    case epoll
    /// The ppoll reactor.
    case ppoll
    /// A connection ended other than by both sides' will.
    case close
    /// A signal came.
    case signal
    /// The log itself.
    case log
    /// The configuration.
    case config
    /// Whether the workers still answer.
    case watchdog
    /// The state of everything, on demand.
    case dump
    /// The program went wrong, and ends.
    case panic

    /// Whether lines of this tag tell of the process's life, and so are for whoever watches over it too.
    @inline(__always)
    var isLifecycle: Bool { self == .start || self == .signal || self == .log || self == .config || self == .watchdog }

    /// The word with its brackets.
    public var text: StaticString {
        switch self {
        case .start: "[START]"
        case .accept: "[ACCEPT]"
        case .http: "[HTTP]"
        case .ws: "[WS]"
        case .epoll: "[epoll]"
        case .ppoll: "[ppoll]"
        case .close: "[CLOSE]"
        case .signal: "[SIGNAL]"
        case .log: "[LOG]"
        case .config: "[CONFIG]"
        case .watchdog: "[WATCHDOG]"
        case .dump: "[DUMP]"
        case .panic: "[PANIC]"
        }
    }
}
