// Sources/Server/TagAccessLog.swift — requests in the server's own log lines.

import Bytes
import HTTP
import Linux
import Logging
import Net
import Runtime

/// Writes `[HTTP] fd=5 method=GET route=/ status=200 bytes=1730`, where `bytes` are those of the body.
///
/// Equal requests that follow each other in one batch share a line, with ` repeat=N`: a pipeline of sixteen costs one.
/// What a line says of the request is kept as text until another one comes.
final class TagAccessLog: AccessLog {
    private var descriptor = FileDescriptor(rawValue: -1)
    private var method = Method.other
    private var routeIndex = -1
    private var status = Status.ok
    private var bytes = 0
    /// Requests that have no line yet.
    private var count = 0
    /// What a line says of such a request.
    private var text = Text()

    /// A struct, since the span of a class's own array would be that of a copy.
    private struct Text {
        private var bytes: [256 of UInt8] = .init(repeating: 0)
        private var length = 0

        mutating func set(_ body: (inout ByteWriter) -> Void) { length = bytes.write(body) }

        mutating func log(_ descriptor: FileDescriptor, repeat count: Int) {
            Log.write(.http, descriptor, bytes.span.extracting(first: length), repeat: count)
        }
    }

    override func answered(_ connection: HTTPConnectionHandler, _ index: Int, _ route: StaticString) {
        let exchange = connection.exchange
        let (method, status, bytes) = (exchange.head.method, exchange.status, exchange.cycle.bodyBytes)
        if connection.descriptor != descriptor {
            flush()
            descriptor = connection.descriptor
        }
        if index != routeIndex || bytes != self.bytes || status != self.status || method != self.method {
            flush()
            remember(method, index, route, status, bytes)
        }
        count += 1
    }

    @inline(never)
    private func remember(
        _ method: Method, _ index: Int, _ route: StaticString, _ status: Status, _ bytes: Int
    ) {
        self.method = method
        self.routeIndex = index
        self.status = status
        self.bytes = bytes
        text.set { text in
            text.append(" method=", method.name)
            let shown = Swift.min(route.utf8CodeUnitCount, Config.maxLoggedPath)
            text.append(" route=", route.bytes.extracting(first: shown))
            text.append(" status=", Int(status.code))
            text.append(" bytes=", bytes)
        }
    }

    override func flush() {
        guard count > 0 else { return }
        text.log(descriptor, repeat: count)
        count = 0
    }

    override func refused(_ connection: HTTPConnectionHandler) {
        flush()
        let (exchange, input, descriptor) = (connection.exchange, connection.input, connection.descriptor)
        let (status, bytes) = (exchange.status, exchange.cycle.bodyBytes)
        let method = shown(input[exchange.head.methodRange])
        let path = shown(input[exchange.head.path])
        Log.write(.http) { line in
            Self.begin(&line, descriptor)
            line.append(escaping: method)
            line.append(" route=- status=")
            line.append(decimal: Int(status.code))
            line.append(" bytes=", bytes)
            line.append(" path=")
            line.append(escaping: path)
        }
    }

    override func malformed(
        _ connection: HTTPConnectionHandler, _ status: Status, _ reason: StaticString, _ bytes: Int
    ) {
        flush()
        let descriptor = connection.descriptor
        Log.write(.http) { line in
            Self.begin(&line, descriptor)
            line.append("- route=- status=")
            line.append(decimal: Int(status.code))
            line.append(" bytes=", bytes)
            line.append(" reason=", reason)
        }
    }

    @_lifetime(copy text)
    private func shown(_ text: Span<UInt8>) -> Span<UInt8> {
        text.extracting(first: Swift.min(text.count, Config.maxLoggedPath))
    }

    private static func begin(_ line: inout ByteWriter, _ descriptor: FileDescriptor) {
        line.append(" fd=", Int(descriptor.rawValue))
        line.append(" method=")
    }
}

extension Log {
    /// Writes `text` about a descriptor, and how often it is to be read.
    @inline(never)
    static func write(_ tag: LogTag, _ descriptor: FileDescriptor, _ text: Span<UInt8>, repeat count: Int) {
        write(tag) { line in
            line.append(" fd=", Int(descriptor.rawValue))
            line.append(text)
            if count > 1 { line.append(" repeat=", count) }
        }
    }
}
