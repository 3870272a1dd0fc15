// Sources/Server/AccessLog.swift — a line of the log for each request.

import Bytes
import HTTP
import Linux
import Logging

/// Writes `[HTTP] fd=5 method=GET route=/ status=200 bytes=1730`, where `bytes` are those of the body.
///
/// Equal requests that follow each other in one batch share a line, with ` repeat=N`: a pipeline of sixteen costs one.
/// What a line says of the request is kept as text until another one comes.
struct AccessLog {
    private var descriptor = FileDescriptor(rawValue: -1)
    private var method = Method.other
    private var routeIndex = -1
    private var isForAdministration = false
    private var status = Status.ok
    private var bytes = 0
    /// Requests that have no line yet.
    private var count = 0
    /// What a line says of such a request. Its route is a number of one of the two routers.
    private var text: [256 of UInt8] = .init(repeating: 0)
    private var textCount = 0

    /// A batch of requests of one connection begins.
    @inline(__always)
    mutating func begin(_ descriptor: FileDescriptor, isForAdministration: Bool) {
        self.descriptor = descriptor
        if isForAdministration != self.isForAdministration {
            self.isForAdministration = isForAdministration
            routeIndex = -1
        }
        count = 0
    }

    /// A request was answered.
    @inline(__always)
    mutating func add(_ method: Method, _ index: Int, _ route: StaticString, _ status: Status, _ bytes: Int) {
        if index != routeIndex || bytes != self.bytes || status != self.status || method != self.method {
            flush()
            remember(method, index, route, status, bytes)
        }
        count += 1
    }

    @inline(never)
    private mutating func remember(
        _ method: Method, _ index: Int, _ route: StaticString, _ status: Status, _ bytes: Int
    ) {
        self.method = method
        self.routeIndex = index
        self.status = status
        self.bytes = bytes
        textCount = text.write { text in
            text.append(" method=", method.name)
            let shown = Swift.min(route.utf8CodeUnitCount, Config.maxLoggedPath)
            text.append(" route=", route.bytes.extracting(first: shown))
            text.append(" status=", Int(status.code))
            text.append(" bytes=", bytes)
        }
    }

    /// The batch ends, or a line of another kind follows.
    @inline(__always)
    mutating func flush() {
        if count > 0 { write() }
    }

    @inline(never)
    private mutating func write() {
        defer { count = 0 }
        Log.write(.http, descriptor, text.span.extracting(first: textCount), repeat: count)
    }

    /// A request that no route took.
    @inline(never)
    mutating func refused(
        _ method: borrowing Span<UInt8>, path: borrowing Span<UInt8>, _ status: Status, _ bytes: Int
    ) {
        flush()
        let (descriptor, shown) = (descriptor, Swift.min(path.count, Config.maxLoggedPath))
        let method = method.extracting(first: Swift.min(method.count, Config.maxLoggedPath))
        let path = path.extracting(first: shown)
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

    /// What was no request, and why.
    @inline(never)
    mutating func malformed(_ status: Status, _ reason: StaticString, _ bytes: Int) {
        flush()
        let descriptor = descriptor
        Log.write(.http) { line in
            Self.begin(&line, descriptor)
            line.append("- route=- status=")
            line.append(decimal: Int(status.code))
            line.append(" bytes=", bytes)
            line.append(" reason=", reason)
        }
    }

    private static func begin(_ line: inout ByteWriter, _ descriptor: FileDescriptor) {
        line.append(" fd=", Int(descriptor.rawValue))
        line.append(" method=")
    }
}
