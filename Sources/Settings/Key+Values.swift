// Sources/Settings/Key+Values.swift — what each key may be set to, and what it is by default.

import Bytes
import Options

extension Key {
    /// What a value is.
    enum Kind: Sendable {
        /// One number.
        case number
        /// One word of `choices`.
        case choice
        /// A list of socket addresses.
        case addresses
        /// A list of origins.
        case origins
        /// A file, `-` or `off`.
        case logFile
    }

    /// What its value is.
    var kind: Kind {
        switch self {
        case .listen, .adminListen: .addresses
        case .origins: .origins
        case .logFile: .logFile
        case .adminRoutes, .reactor, .accept, .logLevel, .logTruncate, .logJournal, .accessLog: .choice
        default: .number
        }
    }

    /// What a number counts, and between which bounds.
    var bounds: Bounds {
        switch self {
        case .workers: Bounds(.count, 0, Config.maxWorkers)
        case .maxConnections: Bounds(.count, 1, Config.maxConnections)
        case .maxHeaderFields: Bounds(.count, 1, Config.largestFieldsLimit)
        case .heapLimit: Bounds(.size, Config.minHeapLimit, Config.maxHeapLimit)
        case .maxRequestTarget, .maxRequestHead: Bounds(.size, Config.minHeadLimit, Config.largestHeadLimit)
        case .maxRequestBody: Bounds(.size, 0, Config.largestBodyLimit)
        case .maxMessage, .maxFrame: Bounds(.size, 1, Config.largestMessageLimit)
        case .closeSpread: Bounds(.time, 0, Config.maxTimeout)
        default: Bounds(.time, Config.minTimeout, Config.maxTimeout)
        }
    }

    /// The words that a choice has, each with a line feed; its value is the number of the line, from 0 on. For yes and
    /// no it is the number's lowest bit: all of systemd's words are understood.
    var choices: StaticString {
        switch self {
        case .adminRoutes: "everywhere\nmetrics\nadmin\n"
        case .reactor: "auto\nio_uring\nepoll\nppoll\n"
        case .accept: "workers\nthread\n"
        case .logLevel: "error\nwarning\ninfo\ndebug\n"
        case .accessLog: "tag\ncombined\noff\n"
        default: "no\nyes\nfalse\ntrue\noff\non\n0\n1\n"
        }
    }

    /// Whether it is a choice between yes and no.
    var isSwitch: Bool { self == .logTruncate || self == .logJournal }

    /// What is wrong with a value that is none of a choice, an origin or a path.
    var mismatch: StaticString {
        switch self {
        case .adminRoutes: "must be everywhere, metrics or admin"
        case .reactor: "must be auto, io_uring, epoll or ppoll"
        case .accept: "must be workers or thread"
        case .logLevel: "must be error, warning, info or debug"
        case .accessLog: "must be tag, combined or off"
        case .logFile: "a path of 1 to 255 bytes, - or off is needed"
        case .origins: "must be one or more such as https://example.org, with a space between them"
        case .listen, .adminListen: "must be such as 8000, 127.0.0.1:8000, [::1]:8000, unix:/PATH or unix:@NAME"
        default: "must be yes or no"
        }
    }

    /// The number that it is by default, or the place of the choice; 0 for a list, and for the log's file.
    var defaultNumber: Int {
        switch self {
        case .drainTimeout: Config.drainTimeout
        case .maxConnections: Config.maxConnections
        case .heapLimit: Config.heapLimit
        case .idleTimeout: Config.idleTimeout
        case .requestTimeout: Config.requestTimeout
        case .writeTimeout: Config.writeTimeout
        case .lingerTimeout: Config.lingerTimeout
        case .maxRequestTarget: Config.maxRequestTarget
        case .maxRequestHead: Config.maxRequestHead
        case .maxHeaderFields: Config.maxHeaderFields
        case .maxRequestBody: Config.maxRequestBody
        case .pingInterval: Config.pingInterval
        case .pingTimeout: Config.pingTimeout
        case .closeTimeout: Config.closeTimeout
        case .closeSpread: Config.closeSpread
        case .maxMessage: Config.maxMessage
        case .maxFrame: Config.maxFrame
        case .logLevel: Int(LogLevel.info.rawValue)
        case .logTruncate, .logJournal: 1
        default: 0
        }
    }
}

/// What a number counts, and the least and the greatest that is allowed.
struct Bounds: Sendable {
    let unit: Unit
    let least: Int
    let greatest: Int

    init(_ unit: Unit, _ least: Int, _ greatest: Int) {
        self.unit = unit
        self.least = least
        self.greatest = greatest
    }

    /// The port of a socket.
    static var port: Bounds { Bounds(.count, 0, 65535) }

    /// The value that `text` stands for, in the bounds.
    @_optimize(size)
    @inline(never)
    func parse(_ text: borrowing Span<UInt8>) throws(ValueProblem) -> Int {
        guard let value = unit.parse(text) else { throw .malformed(self) }
        guard value >= least && value <= greatest else { throw .outOfRange(self) }
        return value
    }

    /// Appends `; 1ms to 24h is allowed`.
    @_optimize(size)
    func write(into writer: inout ByteWriter) {
        writer.write("; ")
        unit.write(least, into: &writer)
        writer.write(" to ")
        unit.write(greatest, into: &writer)
        writer.write(" is allowed")
    }
}
