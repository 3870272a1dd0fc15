// Sources/Settings/Settings.swift — what a person can choose when the server starts.

import Linux
import Utilities

/// Which system call the workers wait in.
@frozen public enum ReactorKind: Sendable {
    /// epoll(7), edge-triggered.
    case epoll
    /// ppoll(2).
    case ppoll
}

/// Who accepts connections.
@frozen public enum AcceptMode: Sendable {
    /// Every worker, from its own reactor.
    case workers
    /// One thread that does nothing else, and hands them over.
    case thread
}

/// Where the log is written to.
@frozen public enum LogDestination: Sendable {
    /// A file, made if it is missing: `Settings.logFile`.
    case file
    /// Standard error, for containers and for watching.
    case standardError
    /// Nowhere.
    case off
}

/// Everything that can be chosen at start, with the defaults of `Config`. Times are in milliseconds, sizes in bytes.
public struct Settings: Sendable {
    /// Number of worker threads; 0 means one for every CPU that the process may use.
    public var workers = 0
    /// Where to listen.
    public var address = SocketAddress(ipv4: .init(repeating: 0), port: Config.defaultPort)
    /// How workers wait.
    public var reactor = ReactorKind.epoll
    /// Who accepts.
    public var acceptMode = AcceptMode.workers
    /// Where the log goes.
    public var logDestination = LogDestination.file
    /// The log's file, where it has one.
    public var logFile: Path
    /// The least important lines that the log gets.
    public var logLevel = LogLevel.info
    /// How long a connection may be silent between two requests.
    public var idleTimeout = Config.idleTimeout
    /// How long a request may take to arrive, from its first byte to the end of its head.
    public var requestTimeout = Config.requestTimeout
    /// How long a peer may take nothing of a response.
    public var writeTimeout = Config.writeTimeout
    /// How long requests in flight may take to finish after the order to stop.
    public var drainTimeout = Config.drainTimeout
    /// Most connections at a time; more wait in the kernel's queue.
    public var maxConnections = Config.maxConnections
    /// How long a WebSocket may be silent before it is sent a Ping.
    public var pingInterval = Config.pingInterval
    /// How long it may be silent after the Ping.
    public var pingTimeout = Config.pingTimeout
    /// How long a WebSocket's peer has to answer a Close frame.
    public var closeTimeout = Config.closeTimeout
    /// Largest message of a WebSocket.
    public var maxMessage = Config.maxMessage
    /// Largest frame of a WebSocket.
    public var maxFrame = Config.maxFrame
    /// From which origins WebSockets may be opened, with a space between them; empty: from all.
    public var origins: [UInt8] = []
    /// Most memory that all heaps take from the kernel together.
    public var heapLimit = Config.heapLimit

    /// The defaults.
    public init() {
        guard let path = Path(Config.logFilePath.bytes) else { fatalError("the log's own path is too long") }
        logFile = path
    }
}
