// Sources/Runtime/ReactorReport.swift — the line `[epoll] monitoring 3 fds`.

import Bytes
import Logging

/// Says how many descriptors a worker watches: when it has changed, before a sleep, and at most once a second.
struct ReactorReport {
    private var count = -1
    private var time: UInt64 = 0

    mutating func update(_ reactor: Reactor, now: UInt64) {
        guard reactor.count != count, now >= time else { return }
        count = reactor.count
        time = now + Config.reactorReportInterval
        Log.write(reactor.tag, level: .info) { line in
            line.append(" monitoring ")
            line.append(decimal: reactor.count)
            line.append(" fds")
        }
    }
}
