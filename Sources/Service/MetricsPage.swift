// Sources/Service/MetricsPage.swift — `/metrics`, in the text format 0.0.4 of Prometheus.

import Bytes
import HTTP
import Net
import Primitives
import Runtime
import Server

/// The counters of all workers, added up. A program without a route to it does not link it.
enum MetricsPage {
    static func answer(_ exchange: Exchange<ExchangeError>) async throws(ExchangeError) {
        var page: [4096 of UInt8] = .init(repeating: 0)
        let numbers = numbers(exchange.serverMetrics)
        let count = page.write { write(numbers, to: &$0) }
        try await exchange.respond(
            .ok, contentType: "text/plain; version=0.0.4; charset=utf-8", fields: "Cache-Control: no-store\r\n",
            page.span.extracting(first: count))
    }

    /// The page. Each `$` is replaced by the next of ``numbers``.
    private static let template: StaticString = """
        # HELP async_nostd_connections_accepted_total Connections accepted.
        # TYPE async_nostd_connections_accepted_total counter
        async_nostd_connections_accepted_total $
        # HELP async_nostd_connections_open Connections open now.
        # TYPE async_nostd_connections_open gauge
        async_nostd_connections_open $
        # HELP async_nostd_requests_total Requests answered, by class of status.
        # TYPE async_nostd_requests_total counter
        async_nostd_requests_total{class="1xx"} $
        async_nostd_requests_total{class="2xx"} $
        async_nostd_requests_total{class="3xx"} $
        async_nostd_requests_total{class="4xx"} $
        async_nostd_requests_total{class="5xx"} $
        # HELP async_nostd_websockets_open WebSockets open now.
        # TYPE async_nostd_websockets_open gauge
        async_nostd_websockets_open $
        # HELP async_nostd_websocket_messages_total Messages received from WebSockets.
        # TYPE async_nostd_websocket_messages_total counter
        async_nostd_websocket_messages_total $
        # HELP async_nostd_received_bytes_total Bytes received.
        # TYPE async_nostd_received_bytes_total counter
        async_nostd_received_bytes_total $
        # HELP async_nostd_sent_bytes_total Bytes sent.
        # TYPE async_nostd_sent_bytes_total counter
        async_nostd_sent_bytes_total $
        # HELP async_nostd_timeouts_total Connections whose deadline passed.
        # TYPE async_nostd_timeouts_total counter
        async_nostd_timeouts_total $
        # HELP async_nostd_handler_timeouts_total Handlers whose time passed.
        # TYPE async_nostd_handler_timeouts_total counter
        async_nostd_handler_timeouts_total $
        # HELP async_nostd_heap_mapped_bytes Memory that heaps have mapped.
        # TYPE async_nostd_heap_mapped_bytes gauge
        async_nostd_heap_mapped_bytes $
        # HELP async_nostd_tasks Tasks with handles.
        # TYPE async_nostd_tasks gauge
        async_nostd_tasks $
        # HELP async_nostd_workers Worker threads.
        # TYPE async_nostd_workers gauge
        async_nostd_workers $

        """

    /// The numbers at one moment.
    private static func numbers(_ metrics: [HTTPMetrics]) -> [16 of Int] {
        var numbers: [16 of Int] = .init(repeating: 0)
        ConnectionLoop.forEach { loop in
            numbers[0] &+= loop.metrics.accepted.value
            numbers[1] &+= loop.openCount.value
            numbers[7] &+= loop.managedCount.value
            numbers[9] &+= loop.metrics.bytesReceived.value
            numbers[10] &+= loop.metrics.bytesSent.value
            numbers[11] &+= loop.metrics.timeouts.value
        }
        for index in metrics.indices {
            numbers[2] &+= metrics[index].informational.value
            numbers[3] &+= metrics[index].successful.value
            numbers[4] &+= metrics[index].redirected.value
            numbers[5] &+= metrics[index].clientErrors.value
            numbers[6] &+= metrics[index].serverErrors.value
            numbers[8] &+= metrics[index].webSocketMessages.value
            numbers[12] &+= metrics[index].handlerTimeouts.value
        }
        numbers[13] = HeapBudget.mappedBytes
        numbers[14] = TaskHandle.count
        numbers[15] = Scheduler.workerCount
        return numbers
    }

    private static func write(_ numbers: [16 of Int], to page: inout ByteWriter) {
        let text = template.bytes
        var next = 0
        for index in text.indices {
            if text[index] == UInt8(ascii: "$") {
                page.append(decimal: numbers.span[next])
                next += 1
            } else {
                page.append(text[index])
            }
        }
    }
}
