// Sources/Settings/ProgramDefaults.swift — what differs between the executables.

/// The defaults of one executable.
package struct ProgramDefaults: Sendable {
    /// Its name.
    package let name: StaticString
    /// The configuration's file, which may be missing; nil: there is none unless `--config` names it.
    package let configurationFile: StaticString?
    /// Whether it empties its log at start.
    package let truncatesLog: Bool
    /// Whether its log is in `$LOGS_DIRECTORY`, where systemd made one.
    package let usesLogsDirectory: Bool

    /// The static executable, started by hand.
    package static var plain: ProgramDefaults {
        ProgramDefaults(name: "async-nostd", configurationFile: nil, truncatesLog: true, usesLogsDirectory: false)
    }

    /// The daemon.
    package static var daemon: ProgramDefaults {
        ProgramDefaults(
            name: "async-nostdd", configurationFile: "/etc/async-nostd/async-nostd.conf", truncatesLog: false,
            usesLogsDirectory: true)
    }
}
