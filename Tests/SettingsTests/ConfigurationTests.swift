// Tests/SettingsTests/ConfigurationTests.swift — files, environment and command line together, and back to a file.

import Bytes
import Foundation
import Testing

@testable import Settings

@Suite struct ConfigurationTests {
    @Test func thereAreAsManyNumbersAsKeys() {
        #expect(Key.count >= 29)
        // The places of values, and the bits of a set.
        #expect(Key.count <= 64)
        for number in keyNumbers {
            #expect(Key(Key(number: number).spec.name.bytes, at: .file) == Key(number: number))
        }
    }

    @Test func theKeysOfASectionStandTogetherInTheOrderOfSections() {
        let sections = keyNumbers.compactMap { Key(number: $0).spec.section?.rawValue }
        #expect(sections == sections.sorted() && sections.count == Key.count)
        for number in 0..<Section.count {
            let section = Section(rawValue: UInt8(number))!
            #expect(Key.numbers(in: section).allSatisfy { Key(number: $0).spec.section == section })
        }
    }

    @Test func aKeyThatMustNotExceedAnotherNamesANumberOfTheSameKind() {
        for number in keyNumbers {
            let spec = Key(number: number).spec
            guard spec.notAbove.utf8CodeUnitCount > 0 else { continue }
            let other = Key(spec.notAbove).spec
            #expect(spec.kind.bounds?.unit == other.kind.bounds?.unit && spec.kind.bounds != nil)
        }
    }

    @Test func aKeyHasTheSameNameEverywhere() {
        func spelled(_ body: (inout Text) -> Void) -> [UInt8] { Array(described(body).utf8) }
        for number in keyNumbers {
            let key = Key(number: number)
            for place in [KeySpec.Place.file, .commandLine, .environment] {
                #expect(Key(spelled { key.spec.writeName(for: place, into: &$0) }.span, at: place) == key)
            }
            let option = spelled { key.spec.writeName(for: .option, into: &$0) }
            #expect(Key(option.span, at: .option) == (key.spec.hasOption ? key : nil))
        }
        let spec = Key("IdleTimeout").spec
        #expect(described { spec.writeName(for: .environment, into: &$0) } == "ASYNC_NOSTD_IDLE_TIMEOUT")
        #expect(described { spec.writeName(for: .option, into: &$0) } == "--idle-timeout")
        #expect(described { spec.writeName(for: .commandLine, into: &$0) } == "idleTimeout")
        for name in [
            "", "_", "IDLE", "IDLETIMEOUT", "IDLE__TIMEOUT", "_IDLE_TIMEOUT", "IDLE_TIMEOUT_", "idle_timeout",
            "Idle_Timeout",
        ] {
            #expect(Key(Array("ASYNC_NOSTD_\(name)".utf8).span, at: .environment) == nil)
        }
        for name in ["", "i", "IdleTimeout", "idletimeout", "idleTimeout ", String(repeating: "x", count: 99)] {
            #expect(Key(Array(name.utf8).span, at: .commandLine) == nil)
        }
    }

    @Test func defaultsAreAllowed() throws {
        for number in keyNumbers {
            let key = Key(number: number)
            guard let bounds = key.spec.kind.bounds else { continue }
            let initial = try #require(key.defaultNumber)
            #expect(initial >= bounds.least && initial <= bounds.greatest)
        }
    }

    // MARK: Order

    @Test(arguments: keyNumbers)
    func theCommandLineIsOverTheEnvironmentOverFilesOverDefaults(number: Int) throws {
        let key = Key(number: number)
        let folder = try Folder()
        let name = described { key.spec.writeName(for: .environment, into: &$0) }
        let option = described { key.spec.writeName(for: .commandLine, into: &$0) }
        let isPath = key == .logFile || key == .listen
        let other = isPath ? (key == .logFile ? "/x" : "81") : otherValue(key)
        let shown = key == .listen ? "0.0.0.0:81" : other
        let initial = value(key, Settings())
        let file = try folder.write("a.conf", "[\(key.spec.section!.name)]\n\(key.spec.name)=\(other)\n")
        let plain = load(["--config", file])
        #expect(plain.lines.isEmpty)
        #expect(value(key, plain.settings) == shown)
        let variable = load(["--config", file], environment: ["X=y", "\(name)=\(initial)"])
        #expect(value(key, variable.settings) == initial)
        let line = load(["--config", file, "--set", "\(option)=\(other)"], environment: ["\(name)=\(initial)"])
        #expect(value(key, line.settings) == shown)
    }

    @Test func dropInsAreReadAfterTheFileInTheOrderOfTheirBytes() throws {
        let folder = try Folder()
        let file = try folder.write("a.conf", "[HTTP]\nIdleTimeout=1s\nWriteTimeout=1s\n[Server]\nListen=1")
        for (name, port) in [("b.conf", 4), ("10.conf", 2), ("9.conf", 3), ("é.conf", 5)] {
            _ = try folder.write("a.conf.d/\(name)", "[HTTP]\nIdleTimeout=\(port)s\n[Server]\nListen=\(port)")
        }
        for name in [".hidden.conf", "a.conf~", "a.txt", "conf", ".conf"] {
            _ = try folder.write("a.conf.d/\(name)", "wrong")
        }
        let loaded = load(["--config", file])
        #expect(loaded.lines.isEmpty)
        #expect(value(.listen, loaded.settings) == (1...5).map { "0.0.0.0:\($0)" }.joined(separator: " "))
        #expect(loaded.settings.server.idleTimeout.rawValue == 5000)
        #expect(loaded.settings.connections.writeTimeout.rawValue == 1000)
        #expect(value(.listen, load(["--config", file, "1", "::1"]).settings) == "[::1]:8000")
    }

    @Test func aNamedFileMustExistAndEverythingMustBeReadable() throws {
        let folder = try Folder()
        let missing = folder.path + "/x.conf"
        let reason = ": cannot be read: No such file or directory (ENOENT)"
        let loaded = load(["--config", missing])
        #expect(loaded.status == 78)
        #expect(loaded.lines == [missing + reason])
        let isDirectory = load(["--config", folder.path])
        #expect(isDirectory.lines == ["\(folder.path): cannot be read: Is a directory (EISDIR)"])
        let file = try folder.write("a.conf", "[Log]\n")
        _ = try folder.write("a.conf.d", "")
        #expect(load(["--config", file]).lines == ["\(file).d: cannot be read: Not a directory (ENOTDIR)"])
        let large = try folder.write("b.conf", String(repeating: "#\n", count: 1 << 19) + "#")
        #expect(load(["--config", large]).lines == ["\(large): larger than 1 MiB"])
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/c.conf.d", withDestinationPath: folder.path + "/d")
        let other = try folder.write("c.conf", "[Log]\n")
        #expect(load(["--config", other]).lines.isEmpty)
        _ = try folder.write("d/x", "")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/d/a.conf", withDestinationPath: "/nonexistent")
        #expect(load(["--config", other]).lines == ["\(other).d/a.conf" + reason])
        let long = "/" + String(repeating: "x", count: 254)
        #expect(load(["--config", long]).lines.last == "\(long).d: the path is too long")
        #expect(load(["--config", "/dev/null"]).lines.isEmpty)
    }

    @Test func thePlainExecutableReadsNoFileByItself() {
        #expect(load([]).configuration?.files.isEmpty == true)
        let missing = ProgramDefaults(
            name: "x", configurationFile: "/nonexistent/x.conf", truncatesLog: false, usesLogsDirectory: true)
        let loaded = load([], program: missing)
        #expect(loaded.lines.isEmpty && loaded.status == 0)
        #expect(!loaded.settings.logTruncate)
        #expect(load([]).settings.logTruncate)
    }

    @Test(arguments: [
        ([], "/tmp/async-nostd.log"), (["LOGS_DIRECTORY="], "/tmp/async-nostd.log"),
        (["LOGS_DIRECTORY=/var/log/a"], "/var/log/a/async-nostd.log"),
        (["LOGS_DIRECTORYS=/x", "LOGS_DIRECTORY=/a:/b"], "/a/async-nostd.log"),
        (["LOGS_DIRECTORY=/a", "ASYNC_NOSTD_LOG_FILE=/c"], "/c"),
    ])
    func theDaemonsLogIsInTheDirectoryForLogs(environment: [String], path: String) {
        var program = ProgramDefaults.daemon
        program = ProgramDefaults(
            name: program.name, configurationFile: nil, truncatesLog: program.truncatesLog,
            usesLogsDirectory: program.usesLogsDirectory)
        #expect(logFile(load([], environment: environment, program: program).settings) == path)
        #expect(logFile(load([], environment: ["LOGS_DIRECTORY=/a"]).settings) == "/tmp/async-nostd.log")
    }

    // MARK: Errors

    @Test func everyErrorOfEverySourceIsReported() throws {
        let folder = try Folder()
        let file = try folder.write("a.conf", "[HTTP]\nIdleTimeout=1\nx\n")
        _ = try folder.write("a.conf.d/b.conf", "[HTTP]\nWriteTimeout=0s")
        let loaded = load(
            ["--config", file, "--check-config", "--set", "idleTimeout=1", "300"],
            environment: ["ASYNC_NOSTD_LOG_LEVEL=loud", "ASYNC_NOSTD_COLOUR=red", "ASYNC_NOSTDX=1", "ASYNC_NOSTD_"])
        let time = "not a time such as 500ms, 30s, 2min or 1h; 1ms to 24h is allowed"
        #expect(
            loaded.lines == [
                "\(file):2: IdleTimeout: '1': \(time)",
                "\(file):3: 'x': neither [Section] nor Key=value",
                "\(file).d/b.conf:2: WriteTimeout: '0s': out of range; 1ms to 24h is allowed",
                "environment: ASYNC_NOSTD_LOG_LEVEL: 'loud': must be error, warning, info or debug",
                "warning: environment: ASYNC_NOSTD_COLOUR: no such setting; it is ignored",
                "command line: --set 'idleTimeout=1': \(time)",
                "command line: WORKERS '300': out of range; 0 to 256 is allowed",
            ])
        #expect(loaded.status == 78)
    }

    @Test(arguments: [
        (["x"], [], 64, "async-nostd: WORKERS"), (["x", "--check-config"], [], 78, "command line: WORKERS"),
        (["x"], ["ASYNC_NOSTD_WORKERS=y"], 78, "environment: ASYNC_NOSTD_WORKERS:"),
        ([], ["ASYNC_NOSTD_WORKERS=y"], 78, "environment: ASYNC_NOSTD_WORKERS:"),
        (["x", "--print-config"], [], 78, "command line: WORKERS"), (["x", "-h"], ["ASYNC_NOSTD_WORKERS=y"], 0, ""),
    ])
    func theStatusTellsWhatIsWrong(words: [String], environment: [String], status: Int32, start: String) {
        let loaded = load(words, environment: environment)
        #expect(loaded.status == status)
        #expect(loaded.lines.first?.hasPrefix(start) ?? start.isEmpty)
    }

    @Test(arguments: [
        (["--set", "closeSpread=21s"], "async-nostd: closeSpread: greater than drainTimeout"),
        (
            ["--set", "drainTimeout=1s", "--set", "closeSpread=2s"],
            "async-nostd: closeSpread: greater than drainTimeout"
        ),
        (
            ["--set", "maxRequestHead=1K"],
            "async-nostd: maxRequestHead: less than maxRequestTarget; 8K to 32K is allowed"
        ),
        (
            ["--set", "maxRequestTarget=17K"],
            "async-nostd: maxRequestTarget: greater than maxRequestHead; 256 to 16K is allowed"
        ),
    ])
    func settingsMustFitEachOther(words: [String], start: String) {
        let loaded = load(words)
        #expect(loaded.status == 64)
        #expect(loaded.lines.count == 1 && loaded.lines[0].hasPrefix(start))
    }

    @Test func settingsOfFilesAndEnvironmentMustFitEachOtherToo() throws {
        let folder = try Folder()
        let file = try folder.write("a.conf", "[WebSocket]\nCloseSpread=30s\n")
        let loaded = load(["--config", file])
        #expect(loaded.lines == ["\(file):2: CloseSpread: greater than DrainTimeout; 0s to 20s is allowed"])
        #expect(loaded.status == 78)
        #expect(load(["--config", file, "--set", "drainTimeout=30s"]).status == 0)
        #expect(
            load([], environment: ["ASYNC_NOSTD_CLOSE_SPREAD=1h"]).lines
                == [
                    "environment: ASYNC_NOSTD_CLOSE_SPREAD: greater than ASYNC_NOSTD_DRAIN_TIMEOUT; "
                        + "0s to 20s is allowed"
                ])
    }
}
