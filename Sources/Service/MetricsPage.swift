// Sources/Service/MetricsPage.swift — `/metrics`, in the text format 0.0.4 of Prometheus.

import HTTP
import Primitives
import Runtime
import Server
import Utilities

/// The counters of all workers, added up.
enum MetricsPage {
    private static let contentType: StaticString = "text/plain; version=0.0.4; charset=utf-8"

    static func answer(_ exchange: Exchange) async throws(ExchangeError) {
        let bytes = Sample.now()
        try await exchange.respond(.ok, contentType: contentType, fields: "Cache-Control: no-store\r\n", bytes.text)
    }

    /// The page's text, at one moment.
    private struct Sample {
        private var storage: [4096 of UInt8] = .init(repeating: 0)
        private var count = 0

        var text: Span<UInt8> {
            @_lifetime(borrow self)
            get { storage.span.extracting(first: count) }
        }

        static func now() -> Sample {
            var sample = Sample()
            sample.count = sample.storage.write { page in MetricsPage.write(&page) }
            return sample
        }
    }

    private static func write(_ page: inout ByteWriter) {
        page.metric("async_nostd_connections_accepted_total", .counter, "Connections accepted.") {
            $0.connectionsAccepted.value
        }
        page.metric("async_nostd_connections_open", .gauge, "Connections open now.") { $0.connectionsOpen.value }
        page.head("async_nostd_requests_total", .counter, "Requests answered, by class of status.")
        page.line("async_nostd_requests_total{class=\"1xx\"}") { $0.informational.value }
        page.line("async_nostd_requests_total{class=\"2xx\"}") { $0.successful.value }
        page.line("async_nostd_requests_total{class=\"3xx\"}") { $0.redirected.value }
        page.line("async_nostd_requests_total{class=\"4xx\"}") { $0.clientErrors.value }
        page.line("async_nostd_requests_total{class=\"5xx\"}") { $0.serverErrors.value }
        page.metric("async_nostd_received_bytes_total", .counter, "Bytes received.") { $0.bytesReceived.value }
        page.metric("async_nostd_sent_bytes_total", .counter, "Bytes sent.") { $0.bytesSent.value }
        page.metric("async_nostd_timeouts_total", .counter, "Connections whose deadline passed.") { $0.timeouts.value }
        page.value("async_nostd_heap_mapped_bytes", .gauge, "Memory that heaps have mapped.", HeapBudget.mappedBytes)
        page.value("async_nostd_tasks", .gauge, "Tasks with handles.", TaskHandle.count)
        page.value("async_nostd_workers", .gauge, "Worker threads.", Scheduler.workerCount)
    }
}

private enum MetricKind {
    case counter
    case gauge

    var name: StaticString { self == .counter ? "counter" : "gauge" }
}

extension ByteWriter {
    fileprivate mutating func head(_ name: StaticString, _ kind: MetricKind, _ help: StaticString) {
        append("# HELP ")
        append(name)
        append(" ")
        append(help)
        append("\n# TYPE ")
        append(name)
        append(" ")
        append(kind.name)
        append("\n")
    }

    fileprivate mutating func line(_ name: StaticString, _ part: (borrowing Metrics) -> Int) {
        var sum = 0
        for index in 0..<Scheduler.workerCount { sum += part(Scheduler.worker(index).metrics) }
        line(name, sum)
    }

    private mutating func line(_ name: StaticString, _ number: Int) {
        append(name)
        append(" ")
        append(decimal: number)
        append("\n")
    }

    fileprivate mutating func metric(
        _ name: StaticString, _ kind: MetricKind, _ help: StaticString, _ part: (borrowing Metrics) -> Int
    ) {
        head(name, kind, help)
        line(name, part)
    }

    fileprivate mutating func value(_ name: StaticString, _ kind: MetricKind, _ help: StaticString, _ number: Int) {
        head(name, kind, help)
        line(name, number)
    }
}
