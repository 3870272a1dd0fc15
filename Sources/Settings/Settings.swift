// Sources/Settings/Settings.swift — everything that can be configured.
//
// A new setting takes three edits:
//   1. its default, in `Config` (Sources/Bytes/Config.swift);
//   2. a field with that default: in `ServerSettings` or `ConnectionSettings` (Sources/Options), where HTTP or the
//      network reads it, or in `Settings` below, if it concerns the program only;
//   3. a row of `settingsTable` (SettingsTable.swift).
// packaging/make-settings then writes the shipped file, the manual page, the completion and the documents anew. What
// reads and prints settings (`--help`, `--print-config`, files, environment, command line) goes by the table. A choice
// takes a fourth edit: its `enum`, whose raw values are the places of the words.

import Bytes
import Linux
import Options

/// The values in effect. Each field has its default from the start.
package struct Settings: Sendable {
    /// Where to listen for http, unless systemd passes sockets; empty: nowhere.
    package internal(set) var listen = [Settings.defaultAddress]
    /// Where to listen for administration.
    package internal(set) var adminListen: [SocketAddress] = []
    /// Which routes are answered on sockets for administration only.
    package internal(set) var adminRoutes = AdminRoutes.everywhere
    /// Number of worker threads; 0 means one for every CPU that the process may use.
    package internal(set) var workers = 0
    /// How workers wait.
    package internal(set) var reactor = ReactorChoice.automatic
    /// Which threads accept.
    package internal(set) var acceptMode = AcceptMode.workers
    /// How long requests in flight may take to finish after the order to stop.
    package internal(set) var drainTimeout = Milliseconds(Config.drainTimeout)
    /// Most memory that all heaps take from the kernel together.
    package internal(set) var heapLimit = ByteCount(Config.heapLimit)
    /// What holds for connections.
    package internal(set) var connections = ConnectionSettings()
    /// What holds for requests and WebSockets.
    package internal(set) var server = ServerSettings()
    /// Where the log goes.
    package internal(set) var logDestination = LogDestination.file
    /// The log's file, where it has one.
    package internal(set) var logFile: Path
    /// The least important lines that the log gets.
    package internal(set) var logLevel = LogLevel.info
    /// Whether the log's file is emptied at start.
    package internal(set) var logTruncate = true
    /// Whether what concerns the whole server is also sent to the journal, where there is one.
    package internal(set) var logJournal = true

    /// The defaults.
    package init() {
        guard let path = Path(Config.logFilePath.bytes) else { fatalError("the log's own path is too long") }
        logFile = path
    }

    /// All IPv4 addresses of this machine, on the default port.
    static var defaultAddress: SocketAddress {
        SocketAddress(ipv4: .init(repeating: 0), port: Config.defaultPort)
    }
}
