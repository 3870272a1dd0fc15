// Sources/Settings/Configuration.swift — the settings, and where each of them comes from.

import Bytes
import Linux
import Options

/// The effective settings: the command line's over the environment's over the files' over the defaults.
package struct Configuration: Sendable {
    /// What the command line asks for.
    package enum Action: Sendable {
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

    /// The settings.
    package internal(set) var settings = Settings()
    /// What to do with them.
    package internal(set) var action = Action.run
    /// The executable whose they are.
    let program: ProgramDefaults
    /// The file that the command line names.
    var namedFile: Path?
    /// The files that were read.
    var files: [Path] = []
    var problems = Problems()
    /// Where each setting was set, by its number.
    private var sources: [64 of Source] = .init(repeating: .defaults)

    /// The defaults of `program`.
    init(_ program: ProgramDefaults) {
        self.program = program
        settings.logTruncate = program.truncatesLog
    }

    /// The defaults of `program` in `environment`.
    init(_ program: ProgramDefaults, _ environment: borrowing Environment) {
        self.init(program)
        if program.usesLogsDirectory { takeLogsDirectory(environment) }
    }

    // MARK: Loading

    /// Reads everything, in the order of precedence. At SIGHUP it is called again with the same arguments.
    ///
    /// - Parameters:
    ///   - program: the executable.
    ///   - report: gets one line without a line feed for each error and, as `LogLevel.warning`, each warning.
    /// - Throws: ``ConfigurationError`` if there was an error. `--help` and `--version` are never wrong.
    package static func load(
        _ program: ProgramDefaults, _ arguments: borrowing Arguments, _ environment: borrowing Environment,
        report: (LogLevel, borrowing Span<UInt8>) -> Void
    ) throws(ConfigurationError) -> Configuration {
        var none = NoSections()
        return try load(program, arguments, environment, sections: &none, report: report)
    }

    /// Reads everything, and sections of files beyond those of the settings into `sections`.
    static func load<Sections: SectionCollector>(
        _ program: ProgramDefaults, _ arguments: borrowing Arguments, _ environment: borrowing Environment,
        sections: inout Sections, report: (LogLevel, borrowing Span<UInt8>) -> Void
    ) throws(ConfigurationError) -> Configuration {
        var result = Configuration(program, environment)
        result.read(arguments, environment, into: &sections)
        let isUsage = result.action == .run && !result.problems.hasOtherErrors
        result.problems.report(commandLinePrefix: isUsage ? program.name : "command line", report)
        guard !result.problems.hasErrors else { throw ConfigurationError(exitStatus: isUsage ? 64 : 78) }
        return result
    }

    /// Reads everything; what is wrong is in ``problems``. It is not part of ``load(_:_:_:sections:report:)``, because
    /// the compiler makes that once for each `report`.
    @_optimize(size)
    @inline(never)
    private mutating func read<Sections: SectionCollector>(
        _ arguments: borrowing Arguments, _ environment: borrowing Environment, into sections: inout Sections
    ) {
        // Once to see what is asked for and which file is named; once more at its place in the order.
        CommandLineParser.read(arguments, into: &self)
        if action == .help || action == .version {
            problems = Problems()
            return
        }
        let named = namedFile
        self = Configuration(program, environment)
        FileReader.read(named: named, into: &self, &sections)
        EnvironmentReader.read(environment, into: &self)
        CommandLineParser.read(arguments, into: &self)
        if !problems.hasErrors { checkRelations() }
    }

    /// Takes the first directory of `$LOGS_DIRECTORY` for the log.
    private mutating func takeLogsDirectory(_ environment: borrowing Environment) {
        guard let directories = environment.value(of: "LOGS_DIRECTORY"), !directories.isEmpty else { return }
        var text = Text()
        text.add(directories.extracting(first: directories.firstIndex(of: UInt8(ascii: ":")) ?? directories.count))
        text.add("/async-nostd.log")
        guard let path = Path(text.bytes.span) else { return }
        settings.logFile = path
    }

    // MARK: Values

    /// Where `key` was set.
    func source(of key: Key) -> Source { sources[key.number] }

    /// Sets `key` to what `text` says at `source`, which is not below those that have been read.
    @_optimize(size)
    @inline(never)
    mutating func assign(_ key: Key, _ text: borrowing Span<UInt8>, at source: Source) throws(ValueError) {
        try key.binding.assign(text, ValueStyle(at: source, after: sources[key.number]), to: &settings)
        noteSource(of: key, source)
    }

    /// Notes that `key` was set at `source`.
    mutating func noteSource(of key: Key, _ source: Source) { sources[key.number] = source }

    /// The value of a number.
    @inline(never)
    private mutating func number(of key: Key) -> Int {
        guard case .number(let number) = key.binding.value(in: &settings) else { return 0 }
        return number
    }

    // MARK: Relations

    /// Checks what one setting demands of another, once all are known to be right by themselves.
    @_optimize(size)
    mutating func checkRelations() {
        for number in 0..<Key.count {
            let lower = Key(number: number)
            if lower.spec.notAbove.utf8CodeUnitCount > 0 { checkOrder(lower, Key(lower.spec.notAbove)) }
        }
    }

    /// Refuses a `lower` that is greater than `upper`, at the place where the lower one was set, if it was.
    @_optimize(size)
    private mutating func checkOrder(_ lower: Key, _ upper: Key) {
        let (low, high) = (number(of: lower), number(of: upper))
        guard low > high else { return }
        var (key, other, range) = (lower, upper, (Int.min, high))
        if case .defaults = source(of: lower) { (key, other, range) = (upper, lower, (low, Int.max)) }
        guard let allowed = key.spec.kind.bounds?.clamped(to: range) else { return }
        let source = source(of: key)
        problems.begin(source.isCommandLine ? .commandLine : .elsewhere)
        if !source.isCommandLine {
            source.write(files, into: &problems.text)
            problems.text.add(": ")
        }
        key.writeName(for: source.place, into: &problems.text)
        problems.text.add(key == lower ? ": greater than " : ": less than ")
        other.writeName(for: source.place, into: &problems.text)
        ValueProblem.write(allowed, into: &problems.text)
        problems.end()
    }
}

/// A configuration that cannot be used: the reasons were reported.
package struct ConfigurationError: Error {
    /// What the process should end with: 64 (EX_USAGE) if the command line of a start is wrong and nothing else, else
    /// 78 (EX_CONFIG).
    package let exitStatus: Int32
}
