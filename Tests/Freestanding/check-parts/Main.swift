// Tests/Freestanding/check-parts/Main.swift — a server that names no optional part, for the test group "binary".

import Bytes
import HTTP
import Linux
import Net
import Runtime
import Server

/// `check-parts PORT` answers `/` with one fixed text on 127.0.0.1, until a signal ends it.
@main enum Main {
    static func main() {
        do throws(Errno) {
            try run()
        } catch {
            Process.exit(1)
        }
    }

    private static func run() throws(Errno) {
        try Runtime.prepare(RuntimeOptions())
        let signals = try SignalDescriptor()
        let router = Router()
        router.on("/", FixedContent(contentType: "text/plain", "one\n"))
        let server = try HTTPServer(router)
        let arguments = Arguments.ofProcess
        let port = arguments.count > 0 ? arguments[0].decimal ?? 0 : 0
        try server.listen(
            on: try Listener(SocketAddress(ipv4: [127, 0, 0, 1], port: UInt16(truncatingIfNeeded: port))), .workers)
        try Runtime.run()
        var entries: [1 of PollEntry] = [PollEntry(signals.descriptor, for: .readable)]
        _ = try Poll.wait(&entries, timeout: -1)
        server.drain()
        Runtime.join()
    }
}
