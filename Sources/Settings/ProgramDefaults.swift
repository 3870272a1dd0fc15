// Sources/Settings/ProgramDefaults.swift — what differs between the executables.

/// The defaults of one executable.
public struct ProgramDefaults: Sendable {
    /// Its name.
    public let name: StaticString
    /// The configuration's file, which may be missing; nil: there is none unless `--config` names it.
    public let configurationFile: StaticString?
    /// Whether it empties its log at start.
    public let truncatesLog: Bool
    /// Whether its log is in `$LOGS_DIRECTORY`, where systemd made one.
    public let usesLogsDirectory: Bool

    /// The static executable, started by hand.
    public static var plain: ProgramDefaults {
        ProgramDefaults(name: "async-nostd", configurationFile: nil, truncatesLog: true, usesLogsDirectory: false)
    }

    /// The daemon.
    public static var daemon: ProgramDefaults {
        ProgramDefaults(
            name: "async-nostdd", configurationFile: "/etc/async-nostd/async-nostd.conf", truncatesLog: false,
            usesLogsDirectory: true)
    }
}
