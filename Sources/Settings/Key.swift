// Sources/Settings/Key.swift — everything that can be configured, by its name.

import Bytes
import Options

/// A key of the configuration, in the order in which `--print-config` writes them.
///
/// The name of a case is the name of the property of ``Settings``, and of `--set`; with a capital letter at its front
/// it is the key in files (`IdleTimeout=`), and in capitals that of the environment (`ASYNC_NOSTD_IDLE_TIMEOUT`).
enum Key: UInt8, Sendable {
    // [Server]
    case listen
    case adminListen
    case adminRoutes
    case workers
    case reactor
    case accept
    case drainTimeout
    // [Limits]
    case maxConnections
    case heapLimit
    // [HTTP]
    case idleTimeout
    case requestTimeout
    case writeTimeout
    case lingerTimeout
    case maxRequestTarget
    case maxRequestHead
    case maxHeaderFields
    case maxRequestBody
    // [WebSocket]
    case origins
    case pingInterval
    case pingTimeout
    case closeTimeout
    case closeSpread
    case maxMessage
    case maxFrame
    // [Log]
    case logFile
    case logLevel
    case logTruncate
    case logJournal
    case accessLog

    /// How many there are: ``PerKey`` has as many.
    static var count: Int { Int(Key.accessLog.rawValue) + 1 }

    /// Key `number`, `0..<count`.
    init(number: Int) {
        guard let key = Key(rawValue: UInt8(truncatingIfNeeded: number)) else { fatalError("no such key") }
        self = key
    }

    /// Its name in files.
    var name: StaticString { keyNames.line(Int(rawValue)) }

    /// Where it stands in files.
    var section: Section {
        if rawValue < Key.maxConnections.rawValue { return .server }
        if rawValue < Key.idleTimeout.rawValue { return .limits }
        if rawValue < Key.origins.rawValue { return .http }
        return rawValue < Key.logFile.rawValue ? .webSocket : .log
    }

    /// The key with this name in files.
    init?(fileName: borrowing Span<UInt8>) {
        guard let number = keyNames.lineNumber(of: fileName) else { return nil }
        self.init(number: number)
    }

    /// The key with this name in `--set`: `idleTimeout`.
    init?(optionName: borrowing Span<UInt8>) {
        var name = KeyName()
        for index in optionName.indices {
            let byte = optionName[index]
            if index == 0 && byte.isCapital { return nil }
            name.append(index == 0 ? byte.capital : byte)
        }
        self.init(fileName: name.bytes)
    }

    /// The key with this name in the environment, given without `ASYNC_NOSTD_`: `IDLE_TIMEOUT`.
    init?(variableName: borrowing Span<UInt8>) {
        var name = KeyName()
        var beginsWord = true
        for index in variableName.indices {
            let byte = variableName[index]
            if byte == UInt8(ascii: "_") && !beginsWord {
                beginsWord = true
            } else {
                guard byte.isCapital else { return nil }
                name.append(beginsWord ? byte : byte | 0x20)
                beginsWord = false
            }
        }
        // `IDLE_TIMEOUT_` would spell the same.
        guard !beginsWord else { return nil }
        self.init(fileName: name.bytes)
    }

    /// Whether a server that runs takes over a new value.
    var isLive: Bool {
        switch self {
        case .listen, .adminListen, .adminRoutes, .workers, .reactor, .accept: false
        case .logFile, .logTruncate, .logJournal: false
        default: true
        }
    }
}

/// A value for each key. The number is ``Key/count``, which the compiler wants to see here.
typealias PerKey<Value> = [29 of Value]

/// The part of a file that keys stand in, below `[Name]`.
enum Section: UInt8, Sendable {
    case server
    case limits
    case http
    case webSocket
    case log

    /// What stands between the brackets.
    var name: StaticString { sectionNames.line(Int(rawValue)) }

    /// The section with this name.
    init?(_ name: borrowing Span<UInt8>) {
        guard let number = sectionNames.lineNumber(of: name) else { return nil }
        self.init(rawValue: UInt8(truncatingIfNeeded: number))
    }
}

/// The names in files, in the order of the cases.
private let keyNames: StaticString = """
    Listen
    AdminListen
    AdminRoutes
    Workers
    Reactor
    Accept
    DrainTimeout
    MaxConnections
    HeapLimit
    IdleTimeout
    RequestTimeout
    WriteTimeout
    LingerTimeout
    MaxRequestTarget
    MaxRequestHead
    MaxHeaderFields
    MaxRequestBody
    Origins
    PingInterval
    PingTimeout
    CloseTimeout
    CloseSpread
    MaxMessage
    MaxFrame
    LogFile
    LogLevel
    LogTruncate
    LogJournal
    AccessLog

    """

/// The names of the sections, in the order of their cases.
private let sectionNames: StaticString = """
    Server
    Limits
    HTTP
    WebSocket
    Log

    """

/// A name that is put together byte by byte; what is longer than any key's is cut, and fits none.
private struct KeyName {
    private var storage: [24 of UInt8] = .init(repeating: 0)
    private var count = 0

    mutating func append(_ byte: UInt8) {
        guard count < storage.count else { return }
        storage[count] = byte
        count += 1
    }

    var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get { storage.span.extracting(first: count) }
    }
}

extension UInt8 {
    /// Whether it is one of `A` to `Z`.
    fileprivate var isCapital: Bool { self &- UInt8(ascii: "A") < 26 }

    /// The capital of a letter of ASCII.
    fileprivate var capital: UInt8 { self &- UInt8(ascii: "a") < 26 ? self & 0xDF : self }
}
