// Sources/Runtime/Metrics.swift — what a worker counts.

import Synchronization

/// A number that one thread changes and others read. Relaxed: it orders nothing; and since it has one writer, it is
/// changed by a load and a store, not by a locked instruction.
public struct Counter: ~Copyable {
    private let storage = Atomic<Int>(0)

    init() {}

    /// The number as it was a moment ago.
    @inline(__always)
    public var value: Int { storage.load(ordering: .relaxed) }

    /// Adds to the number. Its one writer only.
    @inline(__always)
    public func add(_ amount: Int = 1) {
        storage.store(storage.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }
}

/// Counters of one worker; `/metrics` adds them up over all.
public struct Metrics: ~Copyable {
    /// Connections accepted.
    public let connectionsAccepted = Counter()
    /// Connections open now.
    public let connectionsOpen = Counter()
    /// Requests answered, by the first digit of the status: 1xx to 5xx.
    public let informational = Counter()
    /// 2xx.
    public let successful = Counter()
    /// 3xx.
    public let redirected = Counter()
    /// 4xx.
    public let clientErrors = Counter()
    /// 5xx.
    public let serverErrors = Counter()
    /// Bytes received from peers.
    public let bytesReceived = Counter()
    /// Bytes that the kernel took for peers.
    public let bytesSent = Counter()
    /// WebSockets open now.
    public let webSocketsOpen = Counter()
    /// WebSocket messages received.
    public let webSocketMessages = Counter()
    /// Connections closed because a deadline passed.
    public let timeouts = Counter()

    init() {}

    /// All requests answered.
    public var requests: Int {
        informational.value + successful.value + redirected.value + clientErrors.value + serverErrors.value
    }

    /// Counts an answer with this status code.
    @inline(__always)
    public func count(_ status: UInt16) {
        switch status / 100 {
        case 2: successful.add()
        case 3: redirected.add()
        case 4: clientErrors.add()
        case 5: serverErrors.add()
        default: informational.add()
        }
    }
}
