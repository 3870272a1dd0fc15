// Tests/Freestanding/check-daemon/Main.swift — the daemon with routes that harm it, for the test group "systemd".

import Bytes
import Daemon
import HTTP
import Linux
import Server

/// As `async-nostdd`, and `/block/MS` keeps its worker busy, `/hang/MS` asleep, for so many milliseconds; `/crash`
/// reads where nothing is.
@main
enum Main {
    static func main() {
        let status = Daemon.run { router in
            router.on(.get, "/block/:ms") { exchange throws(ExchangeError) in
                let end = Clock.monotonicMilliseconds + (exchange.parameter(0).decimal ?? 0)
                while Clock.monotonicMilliseconds < end {}
                try await exchange.respond(.ok, contentType: "text/plain", "was busy\n")
            }
            router.on(.get, "/hang/:ms") { exchange throws(ExchangeError) in
                hang(Int(exchange.parameter(0).decimal ?? 0))
                try await exchange.respond(.ok, contentType: "text/plain", "was asleep\n")
            }
            router.on(.get, "/crash") { exchange throws(ExchangeError) in
                Signals.raise(Signal.fatal[0])
                try await exchange.respond(.ok, contentType: "text/plain", "did not crash\n")
            }
        }
        Process.exit(status)
    }

    /// Has the worker's thread sleep, as no handler should.
    private static func hang(_ milliseconds: Int) {
        var nothing: [0 of PollEntry] = []
        do throws(Errno) {
            _ = try Poll.wait(&nothing, timeout: milliseconds)
        } catch {
            Process.exit(1)
        }
    }
}
