// Sources/Primitives/DescriptorPhase.swift — where a descriptor is in its life, and what may follow.

/// The phase of a descriptor's life. Exactly one holds at a time; zeroed memory is ``closed``.
///
///     closed ──▶ listening
///        │
///        ▼    adopted
///     opened ─────────▶ fresh ◀──▶ freshWaitingForMemory
///                         │                │
///                   bytes ▼                │
///                      serving ◀───────────┘
///                       │ │  ▲
///     handler returned  │ ▼  │ bytes, a deadline, the drain, the peer's end
///                       │ idle ◀──▶ waitingForMemory ──▶ serving
///                       │
///                       ├──▶ flushing ──────────────────────────▶ closed
///                       ├──▶ flushingBeforeLinger ──▶ lingering ─▶ closed
///                       └──▶ lingering
///
/// Every phase may be followed by ``closed``, and only ``closed`` by a new use.
package enum DescriptorPhase: UInt8, CaseIterable, Sendable {
    /// Not in use.
    case closed
    /// Accepts connections.
    case listening
    /// Open, but no connection: a descriptor of the runtime's own, or an accepted one on the way to its worker.
    case opened
    /// A connection from which nothing has come yet.
    case fresh
    /// A ``fresh`` one that is tried again when there may be memory for a buffer.
    case freshWaitingForMemory
    /// Between two calls of its handler: no task, no object.
    case idle
    /// An ``idle`` one that is tried again when there may be memory for a buffer.
    case waitingForMemory
    /// A handler deals with it, or is suspended in the middle of that.
    case serving
    /// At its end: closed as soon as its output is sent.
    case flushing
    /// At its end: when its output is sent, the peer is given time to end its direction too.
    case flushingBeforeLinger
    /// All is sent, and the sending direction ended; what the peer still sends is thrown away until it ends too.
    case lingering

    /// Whether the descriptor is in use.
    @inline(__always)
    package var isOpen: Bool { self != .closed }

    /// Whether it has bytes to deal with as soon as there is memory for them.
    @inline(__always)
    package var isWaitingForMemory: Bool { self == .waitingForMemory || self == .freshWaitingForMemory }

    /// Whether the connection is done with but for its output and the peer's end.
    @inline(__always)
    package var isEnding: Bool { self == .flushing || self == .flushingBeforeLinger || self == .lingering }

    /// Whether `next` may follow: the diagram, as a table. Cost: a shift and a test.
    @inline(__always)
    package func mayBecome(_ next: DescriptorPhase) -> Bool { successors >> next.rawValue & 1 != 0 }

    /// The phases that may follow, one bit for each by its number.
    @inline(__always)
    private var successors: UInt16 {
        switch self {
        case .closed: DescriptorPhase.opened.bit | DescriptorPhase.listening.bit
        case .listening: Self.closedOr()
        case .opened: Self.closedOr(.fresh)
        case .fresh: Self.closedOr(.serving, .freshWaitingForMemory)
        case .freshWaitingForMemory: Self.closedOr(.serving, .fresh)
        case .idle: Self.closedOr(.serving, .waitingForMemory)
        case .waitingForMemory: Self.closedOr(.serving, .idle)
        case .serving: Self.closedOr(.idle, .flushing) | Self.closedOr(.flushingBeforeLinger, .lingering)
        case .flushing: Self.closedOr()
        case .flushingBeforeLinger: Self.closedOr(.lingering)
        case .lingering: Self.closedOr()
        }
    }

    @inline(__always)
    private static func closedOr(
        _ first: DescriptorPhase = .closed, _ second: DescriptorPhase = .closed
    ) -> UInt16 {
        DescriptorPhase.closed.bit | first.bit | second.bit
    }

    @inline(__always)
    private var bit: UInt16 { 1 << UInt16(rawValue) }
}
