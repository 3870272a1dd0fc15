// Tests/Freestanding/check-fixed-answer/Main.swift — the smallest server: one fixed answer, and nothing else by name.

import Bytes
import HTTP
import Linux
import Net
import Runtime
import Server

/// Answers `GET /` on 127.0.0.1:PORT until a signal ends it. What it links is tested by the group "binary".
@main enum Main {
    static func main() {
        do throws(Errno) {
            try Runtime.prepare(RuntimeOptions())
            let signals = try SignalDescriptor()
            let router = Router()
            router.on("/", FixedContent(contentType: "text/plain", StaticBytes(Text.body)))
            let server = try HTTPServer(router)
            try server.listen(on: try Listener(SocketAddress(ipv4: [127, 0, 0, 1], port: port)), .workers)
            try Runtime.run()
            var entries: [1 of PollEntry] = [PollEntry(signals.descriptor, for: .readable)]
            _ = try Poll.wait(&entries, timeout: -1)
            server.drain()
            Runtime.join()
        } catch {
            Process.exit(1)
        }
    }

    private static var port: UInt16 {
        let arguments = Arguments.ofProcess
        guard arguments.count > 0, let value = arguments[0].decimal else { return 8000 }
        return UInt16(truncatingIfNeeded: value)
    }
}

private enum Text {
    static let body: StaticString = "hello\n"
}
