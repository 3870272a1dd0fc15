// Tests/Freestanding/check-service/Lives.swift — handlers that outlive their peers, their time or the program.

import Bytes
import HTTP
import Net
import Runtime
import Server
import Synchronization
import _Concurrency

/// What has happened to these handlers, for `/lives`.
private enum Lives {
    // Relaxed: numbers that a test reads until they are right.
    static let begun = Atomic<Int>(0)
    static let cancelled = Atomic<Int>(0)
    static let ended = Atomic<Int>(0)
    static let failedWrites = Atomic<Int>(0)
}

/// Routes whose handlers wait for something that does not come.
func addLives(to router: Router) {
    router.on(.get, "/lives") { exchange throws(ExchangeError) in
        var text: [96 of UInt8] = .init(repeating: 0)
        let length = text.write { line in
            line.append("begun=", Lives.begun.load(ordering: .relaxed))
            line.append(" cancelled=", Lives.cancelled.load(ordering: .relaxed))
            line.append(" ended=", Lives.ended.load(ordering: .relaxed))
            line.append(" failed-writes=", Lives.failedWrites.load(ordering: .relaxed))
        }
        try await exchange.respond(.ok, contentType: "text/plain", text.span.extracting(first: length))
    }
    router.on(.get, "/wait/sleep") { exchange throws(ExchangeError) in
        try await wait(exchange) { await sleep(milliseconds: 60_000) }
    }
    router.on(.get, "/wait/channel") { exchange throws(ExchangeError) in
        try await wait(exchange) {
            let channel = AsyncChannel<Int>(capacity: 1)
            while let _ = await channel.receive() {}
        }
    }
    // A task's value comes when the task ends, whatever becomes of the one that waits.
    router.on(.get, "/wait/task/:milliseconds") { exchange throws(ExchangeError) in
        let milliseconds = exchange.parameter(0).decimal ?? 0
        try await wait(exchange) { await Task { await sleep(milliseconds: Int(milliseconds)) }.value }
    }
    router.on(.get, "/wait/ever") { exchange throws(ExchangeError) in
        try await wait(exchange) { await waitForEver() }
    }
    router.on(.get, "/wait/short", timeout: Milliseconds(200)) { exchange throws(ExchangeError) in
        try await wait(exchange) { await sleep(milliseconds: 60_000) }
    }
    router.on(.get, "/wait/any", timeout: Milliseconds(0)) { exchange throws(ExchangeError) in
        try await wait(exchange) { await sleep(milliseconds: 1_000) }
    }
    // A task of each worker, one after the other.
    router.on(.get, "/wait/workers") { exchange throws(ExchangeError) in
        try await wait(exchange) {
            await sleep(milliseconds: 200)
            for index in 0..<Scheduler.workerCount {
                await Runtime.spawn(on: index) { await sleep(milliseconds: 10) }.value
            }
        }
    }
    router.webSocketSession("/wait/session") { socket throws(WebSocketError) in
        Lives.begun.add(1, ordering: .relaxed)
        await withTaskCancellationHandler {
            await sleep(milliseconds: 60_000)
        } onCancel: {
            Lives.cancelled.add(1, ordering: .relaxed)
        }
        Lives.ended.add(1, ordering: .relaxed)
    }
    router.on(.get, "/begun/:milliseconds") { exchange throws(ExchangeError) in
        let milliseconds = exchange.parameter(0).decimal ?? 0
        try await exchange.beginResponse(.ok, .streamed, contentType: "text/plain")
        try await exchange.write(Text.begun.bytes)
        await sleep(milliseconds: Int(milliseconds))
        try await exchange.write(Text.piece.bytes)
    }
    router.on(.get, "/block") { _ throws(ExchangeError) in
        while true { Lives.begun.add(1, ordering: .relaxed) }
    }
}

/// Calls `pause`, and answers.
private func wait(_ exchange: Exchange<ExchangeError>, _ pause: () async -> Void) async throws(ExchangeError) {
    Lives.begun.add(1, ordering: .relaxed)
    await withTaskCancellationHandler {
        await pause()
    } onCancel: {
        Lives.cancelled.add(1, ordering: .relaxed)
    }
    defer { Lives.ended.add(1, ordering: .relaxed) }
    do throws(ExchangeError) {
        let text: StaticString = Task.isCancelled ? "cancelled" : "waited"
        try await exchange.respond(.ok, contentType: "text/plain", text)
    } catch {
        Lives.failedWrites.add(1, ordering: .relaxed)
        throw error
    }
}

/// Nothing resumes it.
private func waitForEver() async {
    unsafe await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
}
