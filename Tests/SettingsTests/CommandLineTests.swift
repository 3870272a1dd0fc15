// Tests/SettingsTests/CommandLineTests.swift — command lines that are right, and every way to be wrong.

import Bytes
import Foundation
import Linux
import Options
import Testing

@testable import Settings

/// The names of all settings for `--set`.
private let settingNames = keyNumbers.map { number in
    described { Key(number: number).spec.writeName(for: .commandLine, into: &$0) }
}

private func writtenVersion(_ program: ProgramDefaults) -> String {
    var room: [64 of UInt8] = .init(repeating: 0)
    let count = room.write { Usage.writeVersion(of: program, into: &$0) }
    return string(room.span.extracting(first: count))
}

@Suite struct CommandLineTests {
    @Test func nothingMeansTheDefaults() throws {
        let settings = try settings([])
        #expect(settings.workers == 0)
        #expect(settings.listen == [SocketAddress(ipv4: [0, 0, 0, 0], port: 8000)])
        #expect(settings.reactor == .automatic)
        #expect(settings.acceptMode == .workers)
        #expect(logFile(settings) == "/tmp/async-nostd.log")
        #expect(settings.logLevel == .info)
        #expect(settings.server.idleTimeout.rawValue == 60_000)
        #expect(settings.server.requestTimeout.rawValue == 20_000)
        #expect(settings.connections.writeTimeout.rawValue == 30_000)
        #expect(settings.drainTimeout.rawValue == 20_000)
        #expect(settings.connections.maxConnections == 1_048_576)
        #expect(settings.heapLimit.rawValue == 1 << 30)
    }

    @Test(arguments: [
        (["4"], 4, "0.0.0.0:8000"),
        (["256", "127.0.0.1"], 256, "127.0.0.1:8000"),
        (["0", "127.0.0.1", "65535"], 0, "127.0.0.1:65535"),
        (["2", "::1", "0"], 2, "[::1]:0"),
        (["2", "[fe80::1%3]", "1"], 2, "[fe80::1%3]:1"),
        (["2", "unix:/run/x.sock"], 2, "unix:/run/x.sock"),
        (["2", "unix:@x"], 2, "unix:@x"),
        (["--", "2", "::", "90"], 2, "[::]:90"),
        (["--reactor", "ppoll", "2", "--accept=thread", "::", "--log-level", "debug", "90"], 2, "[::]:90"),
        (["2", "::", "--", "90"], 2, "[::]:90"),
    ])
    func operandsAreWorkersAddressAndPort(words: [String], workers: Int, address: String) throws {
        let settings = try settings(words)
        #expect(settings.workers == workers)
        #expect(value(.listen, settings) == address)
        #expect(settings.listen.count == 1)
    }

    @Test(arguments: [true, false])
    func anOptionsValueIsTheRestOrTheNextWord(joined: Bool) throws {
        func settings(_ name: String, _ value: String) throws -> Settings {
            try SettingsTests.settings(joined ? [name + "=" + value] : [name, value])
        }
        #expect(try settings("--reactor", "ppoll").reactor == .ppoll)
        #expect(try settings("--reactor", "epoll").reactor == .epoll)
        #expect(try settings("--reactor", "io_uring").reactor == .uring)
        #expect(try settings("--reactor", "auto").reactor == .automatic)
        #expect(try settings("--accept", "thread").acceptMode == .thread)
        #expect(try settings("--accept", "workers").acceptMode == .workers)
        #expect(try settings("--log-level", "error").logLevel == .error)
        #expect(try settings("--log-level", "warning").logLevel == .warning)
        #expect(try settings("--log-level", "info").logLevel == .info)
        #expect(try settings("--log-level", "debug").logLevel == .debug)
        #expect(logFile(try settings("--log-file", "/var/log/a=b")) == "/var/log/a=b")
        #expect(logFile(try settings("--log-file", "./off")) == "./off")
        #expect(logFile(try settings("--log-file", "off")) == "(off)")
        #expect(logFile(try settings("--log-file", "-")) == "(standard error)")
        #expect(try settings("--set", "idleTimeout=500ms").server.idleTimeout.rawValue == 500)
        #expect(try settings("--set", "requestTimeout=3s").server.requestTimeout.rawValue == 3000)
        #expect(try settings("--set", "writeTimeout=2min").connections.writeTimeout.rawValue == 120_000)
        #expect(try settings("--set", "drainTimeout=24h").drainTimeout.rawValue == 86_400_000)
        #expect(try settings("--set", "maxConnections=7").connections.maxConnections == 7)
        #expect(try settings("--set", "heapLimit=2048K").heapLimit.rawValue == 2 << 20)
        #expect(try settings("--set", "heapLimit=16M").heapLimit.rawValue == 16 << 20)
        #expect(try settings("--set", "heapLimit=1024G").heapLimit.rawValue == 1 << 40)
        #expect(try settings("--set", "heapLimit=1048577").heapLimit.rawValue == 1_048_577)
    }

    @Test func theLastOfTwoCounts() throws {
        let settings = try settings([
            "--reactor=ppoll", "--reactor=epoll", "--set=idleTimeout=1s", "--set=idleTimeout=2s",
        ])
        #expect(settings.reactor == .epoll)
        #expect(settings.server.idleTimeout.rawValue == 2000)
    }

    @Test(arguments: [
        (["-h"], Configuration.Action.help), (["--help"], .help), (["2", "--help"], .help),
        (["--help", "nonsense"], .help), (["--reactor", "epoll", "-h", "-V"], .help), (["x", "--help"], .help),
        (["-V"], .version), (["--version"], .version), (["2", "-V", "--help"], .version),
        (["--check-config"], .check), (["2", "--check-config", "::"], .check), (["--print-config"], .print),
        (["--check-config", "--print-config"], .print), (["2"], .run),
    ])
    func somethingElseThanServingCanBeAskedFor(words: [String], action: Configuration.Action) {
        #expect(load(words).configuration?.action == action)
    }

    @Test(arguments: [
        (["x"], "WORKERS 'x': not a number; 0 to 256 is allowed"),
        ([""], "WORKERS '': not a number; 0 to 256 is allowed"),
        (["-"], "WORKERS '-': not a number; 0 to 256 is allowed"),
        (["1.2.3.4"], "WORKERS '1.2.3.4': not a number; 0 to 256 is allowed"),
        (["257"], "WORKERS '257': out of range; 0 to 256 is allowed"),
        (["99999999999999999999999"], "WORKERS '99999999999999999999999': out of range; 0 to 256 is allowed"),
        (["--", "-1"], "WORKERS '-1': not a number; 0 to 256 is allowed"),
        (["--", "--help"], "WORKERS '--help': not a number; 0 to 256 is allowed"),
        (["1", "localhost"], "IP 'localhost': not an IP address or unix:PATH; host names are not looked up"),
        (["1", "::1", "65536"], "PORT '65536': out of range; 0 to 65535 is allowed"),
        (["1", "::1", "http"], "PORT 'http': not a number; 0 to 65535 is allowed"),
        (["1", "unix:/x", "80"], "PORT '80': a Unix socket has no port"),
        (["1", "::1", "--set=listen=", "80"], "PORT '80': an IP is needed"),
        (["1", "unix:x", "80"], "IP 'unix:x': a Unix path must begin with /, an abstract name with @"),
        (["1", "::1", "80", "x"], "argument 'x': one argument too many; only WORKERS IP PORT are allowed"),
        (["-1"], "option '-1': no such option; see --help"),
        (["-hV"], "option '-hV': no such option; see --help"),
        (["--reacto"], "option '--reacto': no such option; see --help"),
        (["--reactors=epoll"], "option '--reactors': no such option; see --help"),
        (["--=x"], "option '--': no such option; see --help"),
        (["--help=x"], "option '--help': takes no value"),
        (["--version="], "option '--version': takes no value"),
        (["--reactor"], "option '--reactor': a value is missing; see --help"),
        (["--accept"], "option '--accept': a value is missing; see --help"),
        (["--log-file"], "option '--log-file': a value is missing; see --help"),
        (["--log-level"], "option '--log-level': a value is missing; see --help"),
        (["--set"], "option '--set': a value is missing; see --help"),
        (["--reactor", "kqueue"], "--reactor 'kqueue': must be auto, io_uring, epoll or ppoll"),
        (["--reactor="], "--reactor '': must be auto, io_uring, epoll or ppoll"),
        (["--reactor", "--"], "--reactor '--': must be auto, io_uring, epoll or ppoll"),
        (["--accept=main"], "--accept 'main': must be workers or thread"),
        (["--log-level=loud"], "--log-level 'loud': must be error, warning, info or debug"),
        (["--config="], "--config '': a path of 1 to 255 bytes is needed"),
        (["--config"], "option '--config': a value is missing; see --help"),
        (["--check-config=x"], "option '--check-config': takes no value"),
        (["--set", "IdleTimeout=1s"], "--set 'IdleTimeout=1s': no such setting"),
        (["--log-file="], "--log-file '': a path of 1 to 255 bytes, - or off is needed"),
        (
            ["--origins="],
            "--origins '': must be one or more such as https://example.org, with a space between them"
        ),
        (
            ["--origins", "example.org"],
            "--origins 'example.org': must be one or more such as https://example.org, with a space between them"
        ),
        (["--set", "idleTimeout"], "--set 'idleTimeout': must be NAME=VALUE"),
        (
            ["--set", "x=1"],
            "--set 'x=1': no such setting; NAME must be "
                + settingNames.dropLast().joined(separator: ", ") + " or " + settingNames.last!
        ),
        (
            ["--set=idleTimeout=30"],
            "--set 'idleTimeout=30': not a time such as 500ms, 30s, 2min or 1h; 1ms to 24h is allowed"
        ),
        (["--set=idleTimeout=0s"], "--set 'idleTimeout=0s': out of range; 1ms to 24h is allowed"),
        (["--set=drainTimeout=25h"], "--set 'drainTimeout=25h': out of range; 1ms to 24h is allowed"),
        (["--set=maxConnections=0"], "--set 'maxConnections=0': out of range; 1 to 1048576 is allowed"),
        (["--set=maxConnections=1K"], "--set 'maxConnections=1K': not a number; 1 to 1048576 is allowed"),
        (
            ["--set=heapLimit=1T"],
            "--set 'heapLimit=1T': not a size such as 4096, 64K, 16M or 1G; 1M to 1024G is allowed"
        ),
        (["--set=heapLimit=1023K"], "--set 'heapLimit=1023K': out of range; 1M to 1024G is allowed"),
        (
            ["--set=heapLimit=9999999999999G"],
            "--set 'heapLimit=9999999999999G': out of range; 1M to 1024G is allowed"
        ),
        (["a\nb\u{7f}"], "WORKERS 'a\\x0ab\\x7f': not a number; 0 to 256 is allowed"),
    ])
    func aWrongArgumentIsNamedWithWhatIsAllowed(words: [String], line: String) {
        let message = message(words)
        #expect(message == "async-nostd: " + line || message.hasPrefix("async-nostd: " + line + "; NAME must be "))
    }

    @Test func aLongArgumentIsCutInTheMessage() {
        let line = message([String(repeating: "x", count: 49)])
        #expect(
            line == "async-nostd: WORKERS '\(String(repeating: "x", count: 48))...': not a number; 0 to 256 is allowed")
    }

    @Test func everyWrongArgumentIsNamed() {
        let loaded = load(["x", "y", "z", "--set", "idleTimeout=1", "--reactor=x", "--help=x", "--log-level", "x"])
        #expect(loaded.status == 64)
        #expect(
            loaded.lines.map { $0.replacingOccurrences(of: ":.*", with: "", options: [.regularExpression], range: nil) }
                == Array(repeating: "async-nostd", count: 7))
        #expect(loaded.lines.count == 7)
    }

    @Test func afterAnOptionThatDoesNotExistNothingIsRead() {
        #expect(load(["--colour", "red", "x"]).lines == ["async-nostd: option '--colour': no such option; see --help"])
    }

    @Test func theLongestMessageFitsItsBuffer() {
        let control = String(repeating: "\u{1}", count: 100)
        #expect(message(["--set", control + "="]).hasSuffix(" or accessLog"))
        #expect(message(["--set", "heapLimit=" + control]).hasSuffix(" is allowed"))
    }

    @Test func originsAreAListOrAStar() throws {
        #expect(Settings().server.allowedOrigins.isEmpty)
        #expect(try settings(["--origins", "*"]).server.allowedOrigins == Array("*".utf8))
        let list = "https://a.example http://localhost:3000"
        #expect(
            try settings(["--origins", "https://b.example", "--origins", list]).server.allowedOrigins
                == Array(list.utf8))
        #expect(try settings(["--origins", list, "--set", "origins="]).server.allowedOrigins.isEmpty)
    }

    @Test func aPathHasAtMost255Bytes() throws {
        let path = "/" + String(repeating: "a", count: 254)
        let settings = try settings(["--log-file", path])
        #expect(logFile(settings) == path)
        #expect(message(["--log-file", path + "a"]).hasSuffix(": a path of 1 to 255 bytes, - or off is needed"))
    }

    @Test(arguments: [ProgramDefaults.plain, .daemon])
    func theUsageHoldsEveryOptionAndDefault(program: ProgramDefaults) {
        var usage = ""
        Usage.write(for: program) { usage += string($0) }
        #expect(usage.split(separator: "\n").allSatisfy { $0.count <= 104 && $0.last != " " })
        #expect(usage.hasPrefix("Usage: \(program.name) [WORKERS]"))
        #expect(usage.hasSuffix("items.\n"))
        #expect(usage.contains("\(Config.logFilePath))\n"))
        #expect(usage.contains("(default \(program.configurationFile ?? "none"))\n"))
        #expect(usage.contains("0 to \(Config.maxWorkers) threads"))
        let words = usage.split { $0 == " " || $0 == "\n" }
        for option in ["--help", "--version", "--check-config", "--print-config", "--config", "--set"] {
            #expect(words.contains { $0 == option })
        }
        for number in keyNumbers where Key(number: number).spec.hasOption {
            let option = described { Key(number: number).spec.writeName(for: .option, into: &$0) }
            #expect(words.contains { $0 == option })
        }
        for number in 0..<Key.count {
            let key = Key(number: number)
            let name = settingNames[number]
            switch key {
            case .workers: #expect(usage.contains("every CPU (default \(value(key, Settings())))"))
            case .reactor, .accept, .logLevel: #expect(usage.contains("(default \(value(key, Settings())))"))
            case .listen: #expect(usage.contains("(default 0.0.0.0)") && usage.contains("(default 8000)"))
            case .logFile, .origins: break
            case .adminListen: #expect(words.contains("adminListen=LIST"))
            case .adminRoutes, .logTruncate, .logJournal, .accessLog:
                #expect(words.contains { $0.hasPrefix(name + "=") })
            default: #expect(words.contains("\(name)=\(value(key, Settings()))"))
            }
        }
    }

    @Test func theVersionIsOneLine() {
        #expect(
            writtenVersion(.daemon) == "async-nostdd \(Config.version)\n")
    }

    @Test func levelsAreOrderedByImportance() {
        #expect(LogLevel.error < .warning && LogLevel.warning < .info && LogLevel.info < .debug)
    }
}
