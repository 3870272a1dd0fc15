// Sources/Settings/Quantity.swift — the numbers that the command line sets, and their bounds.

import Linux
import Utilities

/// A number of ``Settings``. The limits, which `--set` changes, have the names of their properties there and of their
/// defaults in `Config`.
enum Quantity: UInt8, Sendable {
    case workers
    case port
    case idleTimeout
    case requestTimeout
    case writeTimeout
    case drainTimeout
    case maxConnections
    case heapLimit
    case pingInterval
    case pingTimeout
    case closeTimeout
    case maxMessage
    case maxFrame

    /// The limit of the name `text`.
    init?(limit text: borrowing Span<UInt8>) {
        guard let number = limitNames.lineNumber(of: text) else { return nil }
        self.init(rawValue: UInt8(truncatingIfNeeded: number) + Self.idleTimeout.rawValue)
    }

    /// What it counts.
    var unit: Unit {
        switch self {
        case .workers, .port, .maxConnections: .count
        case .idleTimeout, .requestTimeout, .writeTimeout, .drainTimeout: .time
        case .pingInterval, .pingTimeout, .closeTimeout: .time
        case .heapLimit, .maxMessage, .maxFrame: .size
        }
    }

    /// The values that are allowed.
    var range: ClosedRange<Int> {
        switch self {
        case .workers: 0...Config.maxWorkers
        case .port: 0...65535
        case .idleTimeout, .requestTimeout, .writeTimeout, .drainTimeout, .pingInterval, .pingTimeout, .closeTimeout:
            Config.minTimeout...Config.maxTimeout
        case .maxMessage, .maxFrame: 1...Config.largestMessageLimit
        case .maxConnections: 1...Config.maxConnections
        case .heapLimit: Config.minHeapLimit...Config.maxHeapLimit
        }
    }

    /// The value that `text` stands for, in its range.
    @_optimize(size)
    @inline(never)
    func parse(_ text: borrowing Span<UInt8>) throws(OptionError.Problem) -> Int {
        guard let value = unit.parse(text) else { throw .malformed(self) }
        guard range.contains(value) else { throw .outOfRange(self) }
        return value
    }
}

/// The names of the limits, in the order of their cases from ``Quantity/idleTimeout`` on.
private let limitNames: StaticString = """
    idleTimeout
    requestTimeout
    writeTimeout
    drainTimeout
    maxConnections
    heapLimit
    pingInterval
    pingTimeout
    closeTimeout
    maxMessage
    maxFrame

    """

extension Settings {
    /// Sets `quantity` to a value in its range.
    mutating func set(_ quantity: Quantity, to value: Int) {
        switch quantity {
        case .workers: workers = value
        case .port: address.port = UInt16(truncatingIfNeeded: value)
        case .idleTimeout: idleTimeout = value
        case .requestTimeout: requestTimeout = value
        case .writeTimeout: writeTimeout = value
        case .drainTimeout: drainTimeout = value
        case .maxConnections: maxConnections = value
        case .heapLimit: heapLimit = value
        case .pingInterval: pingInterval = value
        case .pingTimeout: pingTimeout = value
        case .closeTimeout: closeTimeout = value
        case .maxMessage: maxMessage = value
        case .maxFrame: maxFrame = value
        }
    }
}
