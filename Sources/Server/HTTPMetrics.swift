// Sources/Server/HTTPMetrics.swift — what one worker has answered.

import HTTP
import Primitives

/// Counters of one worker's requests and WebSocket messages. The worker changes them, any thread reads them.
public final class HTTPMetrics: Sendable {
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
    /// WebSocket messages received.
    public let webSocketMessages = Counter()

    /// All 0. The object is immortal: a server's counters live as long as its workers.
    init() { makeImmortal(self) }

    /// All requests answered.
    public var requests: Int {
        informational.value + successful.value + redirected.value + clientErrors.value + serverErrors.value
    }

    /// Counts WebSocket messages. The worker's thread only.
    @inline(__always)
    func received(_ messages: Int) { webSocketMessages.add(messages) }

    /// Counts an answer. The worker's thread only.
    @inline(never)
    func count(_ status: Status) {
        switch status.code / 100 {
        case 2: successful.add()
        case 3: redirected.add()
        case 4: clientErrors.add()
        case 5: serverErrors.add()
        default: informational.add()
        }
    }
}

extension Exchange {
    /// What each worker of the server has answered, in the workers' order.
    public var serverMetrics: [HTTPMetrics] { connection.context.allMetrics }
}
