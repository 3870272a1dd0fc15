// Tests/SettingsTests/Support.swift — command lines, environments and files from strings, and texts to strings.

import Bytes
import Foundation
import Linux

@testable import Settings

/// Calls `body` with `words` behind a program's name, as the kernel lays them out.
func withArguments<Result>(_ words: [String], _ body: (borrowing Arguments) throws -> Result) rethrows -> Result {
    try withVector(["async-nostd"] + words) { count, vector in
        try body(unsafe Arguments(argc: count, argv: vector))
    }
}

/// Calls `body` with `variables`, `NAME=VALUE` each.
func withEnvironment<Result>(
    _ variables: [String], _ body: (borrowing Environment) throws -> Result
) rethrows -> Result {
    try withVector(variables) { _, vector in try body(unsafe Environment(vector)) }
}

private func withVector<Result>(
    _ words: [String], _ body: (Int, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) throws -> Result
) rethrows -> Result {
    var vector: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for word in vector { free(word) } }
    return try vector.withUnsafeMutableBufferPointer { buffer in try body(words.count, buffer.baseAddress) }
}

/// What loading said, and how it ended.
struct Loaded {
    /// nil: it was refused.
    var configuration: Configuration?
    /// 0, or the status of the error.
    var status: Int32 = 0
    /// What was reported; warnings begin with `warning: `.
    var lines: [String] = []

    var settings: Settings { configuration?.settings ?? Settings() }

    /// What ``Configuration/write(to:)`` gives.
    var printed: String {
        var text = ""
        var configuration = configuration
        configuration?.write { text += string($0) }
        return text
    }
}

/// Loads the configuration as the executable `program` does.
func load(_ words: [String], environment: [String] = [], program: ProgramDefaults = .plain) -> Loaded {
    var loaded = Loaded()
    withArguments(words) { arguments in
        withEnvironment(environment) { environment in
            do throws(ConfigurationError) {
                loaded.configuration = try Configuration.load(program, arguments, environment) { level, line in
                    loaded.lines.append((level == .warning ? "warning: " : "") + string(line))
                }
            } catch {
                loaded.status = error.exitStatus
            }
        }
    }
    return loaded
}

struct NotRun: Error {}

/// The settings that `words` stand for.
func settings(_ words: [String]) throws -> Settings {
    let loaded = load(words)
    guard let configuration = loaded.configuration, configuration.action == .run else { throw NotRun() }
    return configuration.settings
}

/// What a person is told about the one thing that is wrong with `words`.
func message(_ words: [String]) -> String {
    let loaded = load(words)
    guard loaded.status == 64 else { return "(accepted)" }
    return loaded.lines.joined(separator: "\n")
}

/// A configuration of the text of one file, `/f`.
func parsed(_ text: String) -> Configuration { parsed(Array(text.utf8)) }

func parsed(_ bytes: [UInt8]) -> Configuration {
    var configuration = withEnvironment([]) { Configuration(.plain, $0) }
    configuration.parse(asFile: "/f", bytes)
    return configuration
}

extension Configuration {
    mutating func parse(asFile name: String, _ bytes: [UInt8]) {
        var none = NoSections()
        parse(asFile: name, bytes, &none)
    }

    mutating func parse<Sections: SectionCollector>(
        asFile name: String, _ bytes: [UInt8], _ sections: inout Sections
    ) {
        files.append(Path(Array(name.utf8).span)!)
        FileParser.parse(bytes.span, into: &self, &sections)
    }

    /// The errors and warnings so far.
    var said: [String] {
        var lines: [String] = []
        problems.report(commandLinePrefix: "command line") { _, line in lines.append(string(line)) }
        return lines
    }
}

func logFile(_ settings: Settings) -> String {
    switch settings.logDestination {
    case .file: return string(settings.logFile.bytes)
    case .standardError: return "(standard error)"
    case .off: return "(off)"
    }
}

/// The value of `key` as files have it.
func value(_ key: Key, _ settings: Settings) -> String {
    var (text, settings) = (Text(), settings)
    key.spec.kind.write(key.binding.value(in: &settings), into: &text)
    return string(text.bytes.span)
}

func string(_ bytes: borrowing Span<UInt8>) -> String {
    bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
}

/// What `body` writes.
func described(_ body: (inout Text) -> Void) -> String {
    var text = Text()
    body(&text)
    return string(text.bytes.span)
}

extension Key {
    static var listen: Key { Key("Listen") }
    static var adminListen: Key { Key("AdminListen") }
    static var adminRoutes: Key { Key("AdminRoutes") }
    static var workers: Key { Key("Workers") }
    static var reactor: Key { Key("Reactor") }
    static var accept: Key { Key("Accept") }
    static var heapLimit: Key { Key("HeapLimit") }
    static var maxRequestHead: Key { Key("MaxRequestHead") }
    static var origins: Key { Key("Origins") }
    static var logFile: Key { Key("LogFile") }
    static var logLevel: Key { Key("LogLevel") }
    static var logTruncate: Key { Key("LogTruncate") }
    static var logJournal: Key { Key("LogJournal") }
    static var accessLog: Key { Key("AccessLog") }

    var name: String { "\(spec.name)" }

    /// The words of a choice; no and yes of a flag.
    var words: [String] {
        switch spec.kind {
        case .choice(let words): "\(words)".split(separator: "\n").map(String.init)
        case .flag: ["no", "yes"]
        default: []
        }
    }

    /// The number that it is by default; nil for lists and the log's file.
    var defaultNumber: Int? {
        var settings = Settings()
        guard case .number(let number) = binding.value(in: &settings) else { return nil }
        return number
    }
}

/// Whether two settings have the same value of `key`.
func agree(_ left: Settings, _ right: Settings, on key: Key) -> Bool {
    var (left, right) = (left, right)
    return key.isSame(in: &left, &right)
}

extension Settings {
    func changes(to new: Settings) -> SettingsChanges {
        var (old, new) = (self, new)
        return old.changes(to: &new)
    }

    mutating func takeLive(from new: Settings) {
        var new = new
        takeLive(from: &new)
    }
}

/// The numbers of all keys.
let keyNumbers = 0..<Key.count

/// For each number and choice a value that is not its default.
func otherValue(_ key: Key) -> String {
    switch key {
    case .listen: "[::1]:81 unix:/run/a\\x20b"
    case .adminListen: "unix:@admin"
    case .origins: "https://a.example http://b.example:3000"
    case .logFile: "/var/log/a\\x20b\\x5c\\xc3\\xa9"
    default:
        switch key.spec.kind {
        case .number where key == .workers: "7"
        case .number where key == .heapLimit: "2M"
        case .number where key == .maxRequestHead: "9K"
        case .number(let bounds): described { bounds.unit.write(1000, into: &$0) }
        default: key.words[1 - key.defaultNumber! % 2]
        }
    }
}

/// A folder that is removed at the end.
final class Folder {
    let path = "/tmp/async-nostd-settings-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file of this folder, and returns its path.
    func write(_ name: String, _ text: String) throws -> String {
        let file = path + "/" + name
        let parent = (file as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        return file
    }
}
