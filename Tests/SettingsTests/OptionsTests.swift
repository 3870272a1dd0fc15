// Tests/SettingsTests/OptionsTests.swift — command lines that are right, and every way to be wrong.

import Linux
import Testing
import Utilities

@testable import Settings

@Suite struct OptionsTests {
    @Test func nothingMeansTheDefaults() throws {
        let settings = try settings([])
        #expect(settings.workers == 0)
        #expect(settings.address == SocketAddress(ipv4: [0, 0, 0, 0], port: 8000))
        #expect(settings.reactor == .epoll)
        #expect(settings.acceptMode == .workers)
        #expect(logFile(settings) == "/tmp/async-nostd.log")
        #expect(settings.logLevel == .info)
        #expect(settings.idleTimeout == 60_000)
        #expect(settings.requestTimeout == 20_000)
        #expect(settings.writeTimeout == 30_000)
        #expect(settings.drainTimeout == 20_000)
        #expect(settings.maxConnections == 1_048_576)
        #expect(settings.heapLimit == 1 << 30)
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
        #expect(described { settings.address.write(into: &$0) } == address)
    }

    @Test(arguments: [true, false])
    func anOptionsValueIsTheRestOrTheNextWord(joined: Bool) throws {
        func settings(_ name: String, _ value: String) throws -> Settings {
            try SettingsTests.settings(joined ? [name + "=" + value] : [name, value])
        }
        #expect(try settings("--reactor", "ppoll").reactor == .ppoll)
        #expect(try settings("--reactor", "epoll").reactor == .epoll)
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
        #expect(try settings("--set", "idleTimeout=500ms").idleTimeout == 500)
        #expect(try settings("--set", "requestTimeout=3s").requestTimeout == 3000)
        #expect(try settings("--set", "writeTimeout=2min").writeTimeout == 120_000)
        #expect(try settings("--set", "drainTimeout=24h").drainTimeout == 86_400_000)
        #expect(try settings("--set", "maxConnections=7").maxConnections == 7)
        #expect(try settings("--set", "heapLimit=2048K").heapLimit == 2 << 20)
        #expect(try settings("--set", "heapLimit=16M").heapLimit == 16 << 20)
        #expect(try settings("--set", "heapLimit=1024G").heapLimit == 1 << 40)
        #expect(try settings("--set", "heapLimit=1048577").heapLimit == 1_048_577)
    }

    @Test func theLastOfTwoCounts() throws {
        let settings = try settings([
            "--reactor=ppoll", "--reactor=epoll", "--set=idleTimeout=1s", "--set=idleTimeout=2s",
        ])
        #expect(settings.reactor == .epoll)
        #expect(settings.idleTimeout == 2000)
    }

    @Test(arguments: [
        ["-h"], ["--help"], ["2", "--help"], ["--help", "nonsense"], ["--reactor", "epoll", "-h", "-V"],
    ])
    func helpIsHelp(words: [String]) throws {
        guard case .help = try parse(words) else { return #expect(Bool(false)) }
    }

    @Test(arguments: [["-V"], ["--version"], ["2", "-V", "--help"]])
    func versionIsVersion(words: [String]) throws {
        guard case .version = try parse(words) else { return #expect(Bool(false)) }
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
        (["--reactor", "kqueue"], "--reactor 'kqueue': must be epoll or ppoll"),
        (["--reactor="], "--reactor '': must be epoll or ppoll"),
        (["--reactor", "--"], "--reactor '--': must be epoll or ppoll"),
        (["--accept=main"], "--accept 'main': must be workers or thread"),
        (["--log-level=loud"], "--log-level 'loud': must be error, warning, info or debug"),
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
            "--set 'x=1': no such limit; NAME must be idleTimeout, requestTimeout, writeTimeout, drainTimeout, "
                + "pingInterval, pingTimeout, closeTimeout, maxMessage, maxFrame, maxConnections or heapLimit"
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
        #expect(message(words) == line)
    }

    @Test func aLongArgumentIsCutInTheMessage() {
        let line = message([String(repeating: "x", count: 49)])
        #expect(line == "WORKERS '\(String(repeating: "x", count: 48))...': not a number; 0 to 256 is allowed")
    }

    @Test func theLongestMessageFits400Bytes() {
        let control = String(repeating: "\u{1}", count: 100)
        #expect(message(["--set", control + "="]).utf8.count <= 400)
        #expect(message(["--set", "heapLimit=" + control]).utf8.count <= 400)
    }

    @Test func originsAreAListOrAStar() throws {
        #expect(Settings().origins.isEmpty)
        #expect(try settings(["--origins", "*"]).origins == Array("*".utf8))
        let list = "https://a.example http://localhost:3000"
        #expect(try settings(["--origins", "https://b.example", "--origins", list]).origins == Array(list.utf8))
    }

    @Test func aPathHasAtMost255Bytes() throws {
        let path = "/" + String(repeating: "a", count: 254)
        let settings = try settings(["--log-file", path])
        #expect(logFile(settings) == path)
        #expect(message(["--log-file", path + "a"]).hasSuffix(": a path of 1 to 255 bytes, - or off is needed"))
    }

    @Test func theUsageHoldsEveryOptionAndDefaultInAFewLines() {
        let usage = Options.usage.description
        #expect(usage.split(separator: "\n", omittingEmptySubsequences: false).count <= 30)
        #expect(usage.split(separator: "\n").allSatisfy { $0.count <= 100 })
        #expect(usage.hasSuffix(".\n"))
        let settings = Settings()
        func shown(_ unit: Unit, _ number: Int) -> String { described { unit.write(number, into: &$0) } }
        for piece in [
            "--reactor epoll|ppoll", "--accept workers|thread", "--log-file PATH", "--log-level LEVEL",
            "--set NAME=VALUE",
            "-h, --help", "-V, --version", "(default 0)", "(default 0.0.0.0)", "(default \(settings.address.port))",
            "(default epoll)", "(default workers)", "(default info)", "(default \(Config.logFilePath))",
            "0 to \(Config.maxWorkers) threads",
            "idleTimeout=\(shown(.time, settings.idleTimeout)) ",
            "requestTimeout=\(shown(.time, settings.requestTimeout)) ",
            "writeTimeout=\(shown(.time, settings.writeTimeout)) ",
            "drainTimeout=\(shown(.time, settings.drainTimeout))\n",
            "pingInterval=\(shown(.time, settings.pingInterval)) ",
            "pingTimeout=\(shown(.time, settings.pingTimeout)) ",
            "closeTimeout=\(shown(.time, settings.closeTimeout))\n",
            "maxMessage=\(shown(.size, settings.maxMessage)) ",
            "maxFrame=\(shown(.size, settings.maxFrame)) ",
            "maxConnections=\(shown(.count, settings.maxConnections)) ",
            "heapLimit=\(shown(.size, settings.heapLimit))\n",
        ] {
            #expect(usage.contains(piece), "\(piece)")
        }
    }

    @Test func theVersionIsOneLine() {
        #expect(described { Options.writeVersion(into: &$0) } == "async-nostd \(Config.version)\n")
    }

    @Test func levelsAreOrderedByImportance() {
        #expect(LogLevel.error < .warning && LogLevel.warning < .info && LogLevel.info < .debug)
    }
}
