// Sources/Settings/Configuration.swift — the settings, and where each of them comes from.

import Bytes
import Linux
import Options

/// The effective settings: the command line's over the environment's over the files' over the defaults.
public struct Configuration: Sendable {
    /// What the command line asks for.
    public enum Action: Sendable {
        /// To serve.
        case run
        /// To print ``Usage/write(for:to:)`` and end.
        case help
        /// To print the version and end.
        case version
        /// To say that the configuration is right, and end.
        case check
        /// To print ``write(to:)`` and end.
        case print
    }

    /// Where a value was set.
    enum Source: Sendable {
        case defaults
        /// A line, counted from 1, of `files[index]`.
        case file(index: Int, line: Int)
        case environment
        case commandLine

        var isFile: Bool {
            if case .file = self { return true }
            return false
        }

        var isCommandLine: Bool {
            if case .commandLine = self { return true }
            return false
        }
    }

    /// The settings.
    public internal(set) var settings = Settings()
    /// What to do with them.
    public internal(set) var action = Action.run
    /// The executable whose they are.
    let program: ProgramDefaults
    /// The file that the command line names.
    var namedFile: Path?
    /// The files that were read.
    var files: [Path] = []
    var problems = Problems()
    private var sources: PerKey<Source> = .init(repeating: .defaults)

    /// The defaults of `program`.
    init(_ program: ProgramDefaults, _ environment: borrowing Environment) {
        self.program = program
        settings[.logTruncate] = program.truncatesLog ? 1 : 0
        if program.usesLogsDirectory { takeLogsDirectory(environment) }
    }

    /// Where `key` was set.
    func source(of key: Key) -> Source { sources[Int(key.rawValue)] }

    /// Sets `key` to what `text` says at `source`, which is not below those that have been read.
    @_optimize(size)
    mutating func assign(_ key: Key, _ text: borrowing Span<UInt8>, at source: Source) throws(ValueError) {
        let style = ValueStyle(
            appends: source.isFile && self.source(of: key).isFile, hasEscapes: source.isFile)
        try settings.set(key, text, style)
        noteSource(of: key, source)
    }

    /// Notes that `key` was set at `source`.
    mutating func noteSource(of key: Key, _ source: Source) { sources[Int(key.rawValue)] = source }

    /// Reads everything, in the order of precedence. At SIGHUP it is called again with the same arguments.
    ///
    /// - Parameters:
    ///   - program: the executable.
    ///   - report: gets one line without a line feed for each error and, as `LogLevel.warning`, each warning.
    /// - Throws: ``ConfigurationError`` if there was an error. `--help` and `--version` are never wrong.
    @_optimize(size)
    public static func load(
        _ program: ProgramDefaults, _ arguments: borrowing Arguments, _ environment: borrowing Environment,
        report: (LogLevel, borrowing Span<UInt8>) -> Void
    ) throws(ConfigurationError) -> Configuration {
        // Once to see what is asked for and which file is named; once more at its place in the order.
        var asked = Configuration(program, environment)
        asked.read(arguments)
        if asked.action == .help || asked.action == .version { return asked }
        var result = Configuration(program, environment)
        result.readFiles(named: asked.namedFile)
        result.read(environment)
        result.read(arguments)
        if !result.problems.hasErrors { result.checkRelations() }
        let isUsage = asked.action == .run && !result.problems.hasOtherErrors
        result.problems.report(commandLinePrefix: isUsage ? program.name : "command line", report)
        guard !result.problems.hasErrors else { throw ConfigurationError(exitStatus: isUsage ? 64 : 78) }
        return result
    }

    /// Has the log in the first directory of `$LOGS_DIRECTORY`.
    private mutating func takeLogsDirectory(_ environment: borrowing Environment) {
        guard let directories = environment.value(of: "LOGS_DIRECTORY"), !directories.isEmpty else { return }
        var text = Text()
        text.add(directories.extracting(first: directories.firstIndex(of: UInt8(ascii: ":")) ?? directories.count))
        text.add("/async-nostd.log")
        guard let path = Path(text.bytes.span) else { return }
        settings.logFile = path
    }
}

/// A configuration that cannot be used: the reasons were reported.
public struct ConfigurationError: Error {
    /// What the process should end with: 64 (EX_USAGE) if the command line of a start is wrong and nothing else, else
    /// 78 (EX_CONFIG).
    public let exitStatus: Int32
}
