// Sources/Server/IdleWebSocketState.swift — what stays of a WebSocket between two messages.

import Options

/// What `ConnectionHandler.protocolState` says of a connection that has become a WebSocket.
///
///     bit 31      30 … 11    10     9            8            7 … 0
///     WebSocket   0          echo   Close sent   Ping sent    number of the route
///
/// While the connection speaks HTTP the word counts bytes of a head, and its highest bit is never set.
struct IdleWebSocketState {
    private(set) var rawValue: UInt32

    /// The word that a slot has.
    @inline(__always)
    init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// A WebSocket that has just been opened.
    init(route: Int, isEcho: Bool) { rawValue = 1 << 31 | (isEcho ? 1 << 10 : 0) | UInt32(route) }

    /// Which of the router's WebSocket routes it is on.
    @inline(__always)
    var route: Int { Int(rawValue & 0xFF) }

    /// Whether the route sends messages back.
    @inline(__always)
    var isEcho: Bool { rawValue & 1 << 10 != 0 }

    /// Whether this side has sent a Close frame, after which it sends nothing.
    @inline(__always)
    var hasSentClose: Bool {
        get { rawValue & 1 << 9 != 0 }
        set { set(9, newValue) }
    }

    /// Whether a Ping was sent, and nothing has come since.
    @inline(__always)
    var awaitsLife: Bool {
        get { rawValue & 1 << 8 != 0 }
        set { set(8, newValue) }
    }

    /// How long, in milliseconds, the peer may be silent in this state.
    ///
    /// - Parameter drainDelay: the time until the WebSocket closes because the process drains; nil if it does not.
    @inline(__always)
    func idleTimeout(_ settings: ServerSettings, _ drainDelay: Int?) -> Int {
        if hasSentClose { return settings.closeTimeout.rawValue }
        let timeout = (awaitsLife ? settings.pingTimeout : settings.pingInterval).rawValue
        return Swift.min(timeout, drainDelay ?? timeout)
    }

    @inline(__always)
    private mutating func set(_ bit: UInt32, _ isSet: Bool) {
        rawValue = isSet ? rawValue | 1 << bit : rawValue & ~(1 << bit)
    }
}
