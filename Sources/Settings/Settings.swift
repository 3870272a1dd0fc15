// Sources/Settings/Settings.swift — what a person can choose.

import Bytes
import Linux
import Options

/// Everything that can be configured. Times are in milliseconds, sizes in bytes.
///
/// Numbers and choices lie in one array, by their keys, so that a table can read, write and compare them all.
public struct Settings: Sendable {
    private var numbers: PerKey<Int>
    /// Where to listen for http, unless systemd passes sockets; empty: nowhere.
    public internal(set) var listen: [SocketAddress]
    /// Where to listen for administration.
    public internal(set) var adminListen: [SocketAddress] = []
    /// From which origins WebSockets may be opened, with a space between them; empty: from all.
    public internal(set) var origins: [UInt8] = []
    /// The log's file, where it has one.
    public internal(set) var logFile: Path

    /// The defaults.
    @_optimize(size)
    public init() {
        guard let path = Path(Config.logFilePath.bytes) else { fatalError("the log's own path is too long") }
        logFile = path
        listen = [Self.defaultAddress]
        numbers = .init(repeating: 0)
        precondition(numbers.count == Key.count)
        for number in 0..<Key.count { numbers[number] = Key(number: number).defaultNumber }
    }

    /// A number, or the place of a choice among its key's; of lists nothing.
    subscript(_ key: Key) -> Int {
        get { numbers[Int(key.rawValue)] }
        set { numbers[Int(key.rawValue)] = newValue }
    }

    /// All IPv4 addresses of this machine, on the default port.
    static var defaultAddress: SocketAddress {
        SocketAddress(ipv4: .init(repeating: 0), port: Config.defaultPort)
    }

    // MARK: Server

    /// Where the routes for administration are answered.
    public var adminRoutes: AdminRoutes { AdminRoutes(rawValue: self[.adminRoutes]) ?? .everywhere }
    /// Number of worker threads; 0 means one for every CPU that the process may use.
    public var workers: Int { self[.workers] }
    /// How workers wait.
    public var reactor: ReactorChoice { ReactorChoice(rawValue: self[.reactor]) ?? .automatic }
    /// Who accepts.
    public var acceptMode: AcceptMode { AcceptMode(rawValue: self[.accept]) ?? .workers }
    /// How long requests in flight may take to finish after the order to stop.
    public var drainTimeout: Int { self[.drainTimeout] }

    // MARK: Limits

    /// Most connections at a time; more wait in the kernel's queue.
    public var maxConnections: Int { self[.maxConnections] }
    /// Most memory that all heaps take from the kernel together.
    public var heapLimit: Int { self[.heapLimit] }

    // MARK: HTTP

    /// How long a connection may be silent between two requests.
    public var idleTimeout: Int { self[.idleTimeout] }
    /// How long a request may take to arrive, from its first byte to the end of its head.
    public var requestTimeout: Int { self[.requestTimeout] }
    /// How long a peer may take nothing of a response.
    public var writeTimeout: Int { self[.writeTimeout] }
    /// How long the peer's own end is waited for, when a connection was ended by this side.
    public var lingerTimeout: Int { self[.lingerTimeout] }
    /// Longest request target.
    public var maxRequestTarget: Int { self[.maxRequestTarget] }
    /// Longest head of a request.
    public var maxRequestHead: Int { self[.maxRequestHead] }
    /// Most fields of a request.
    public var maxHeaderFields: Int { self[.maxHeaderFields] }
    /// Largest body of a request.
    public var maxRequestBody: Int { self[.maxRequestBody] }

    // MARK: WebSocket

    /// How long a WebSocket may be silent before it is sent a Ping.
    public var pingInterval: Int { self[.pingInterval] }
    /// How long it may be silent after the Ping.
    public var pingTimeout: Int { self[.pingTimeout] }
    /// How long a WebSocket's peer has to answer a Close frame.
    public var closeTimeout: Int { self[.closeTimeout] }
    /// Over how long the WebSockets are closed when the server stops; 0: all at once.
    public var closeSpread: Int { self[.closeSpread] }
    /// Largest message of a WebSocket.
    public var maxMessage: Int { self[.maxMessage] }
    /// Largest frame of a WebSocket.
    public var maxFrame: Int { self[.maxFrame] }

    // MARK: Log

    /// Where the log goes.
    public var logDestination: LogDestination { LogDestination(rawValue: self[.logFile]) ?? .file }
    /// The least important lines that the log gets.
    public var logLevel: LogLevel { LogLevel(rawValue: UInt8(truncatingIfNeeded: self[.logLevel])) ?? .info }
    /// Whether the log's file is emptied at start.
    public var logTruncate: Bool { self[.logTruncate] != 0 }
    /// Whether what concerns the whole server is also sent to the journal, where there is one.
    public var logJournal: Bool { self[.logJournal] != 0 }
    /// How requests are logged.
    public var accessLog: AccessLogFormat { AccessLogFormat(rawValue: self[.accessLog]) ?? .tag }
}
