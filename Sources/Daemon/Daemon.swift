// Sources/Daemon/Daemon.swift — the program `async-nostdd`: the same server, under systemd.

import Bytes
import Server
import Service
import Settings
import Systemd

/// What the daemon's executables share.
package enum Daemon {
    /// Runs the daemon by the process's arguments, environment and files, until a signal ends it.
    ///
    /// - Parameter addRoutes: adds routes of the program's own.
    /// - Returns: the exit status, as `Program.run` has it.
    package static func run(addRoutes: @escaping (Router) -> Void = { _ in }) -> Int32 {
        Program.run(
            .daemon, report: { level, line in Journal.writeText(line, level: level) }, attach: { $0.attach() },
            addRoutes: addRoutes)
    }
}
