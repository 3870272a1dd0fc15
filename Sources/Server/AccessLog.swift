// Sources/Server/AccessLog.swift — a line of the log for each request.

import HTTP
import Linux
import Runtime
import Utilities

/// Writes `[HTTP] fd=5 method=GET route=/ status=200 bytes=1730`, where `bytes` are those of the body.
///
/// Equal requests that follow each other in one batch share a line, with ` repeat=N`: a pipeline of sixteen costs one.
struct AccessLog {
    private var descriptor = FileDescriptor(rawValue: -1)
    private var method = Method.other
    private var route: StaticString = "-"
    private var routeIndex = -1
    private var status = Status.ok
    private var bytes = 0
    private var count = 0

    /// A batch of requests of one connection begins.
    @inline(__always)
    mutating func begin(_ descriptor: FileDescriptor) {
        self.descriptor = descriptor
        count = 0
    }

    /// A request was answered.
    @inline(__always)
    mutating func add(_ method: Method, _ index: Int, _ route: StaticString, _ status: Status, _ bytes: Int) {
        if count > 0 {
            if index == routeIndex && bytes == self.bytes && status == self.status && method == self.method {
                count += 1
                return
            }
            flush()
        }
        self.method = method
        self.route = route
        self.routeIndex = index
        self.status = status
        self.bytes = bytes
        count = 1
    }

    /// The batch ends, or a line of another kind follows.
    @inline(__always)
    mutating func flush() {
        if count > 0 { write() }
    }

    @inline(never)
    private mutating func write() {
        let entry = self
        count = 0
        Log.write(.http) { line in
            line.append(" fd=", Int(entry.descriptor.rawValue))
            line.append(" method=", entry.method.name)
            line.append(" route=", entry.route)
            line.append(" status=", Int(entry.status.code))
            line.append(" bytes=", entry.bytes)
            if entry.count > 1 {
                line.append(" repeat=", entry.count)
            }
        }
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
