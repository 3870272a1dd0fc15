// Tests/SettingsTests/ConfigurationFileTests.swift — the format of files, right and wrong.

import Bytes
import Options
import Testing

@testable import Settings

@Suite struct ConfigurationFileTests {
    @Test(arguments: [
        "[HTTP]\nIdleTimeout=5s\n", "[HTTP]\nIdleTimeout=5s", "[HTTP]\r\nIdleTimeout=5s\r\n",
        "[HTTP]\nIdleTimeout=5s\r",
        "\u{FEFF}[HTTP]\nIdleTimeout=5s", "  [HTTP]\t\n \tIdleTimeout \t=\t 5s \t\n",
        "\n\n[HTTP]\n\n\nIdleTimeout=5s\n\n",
        "# c\n; c\n[HTTP]\n  # c\n;IdleTimeout=9s\nIdleTimeout=5s\n#IdleTimeout=9s", "[Log]\n[HTTP]\nIdleTimeout=5s",
        "[HTTP]\nIdleTimeout=9s\nIdleTimeout=5s", "[HTTP]\nIdleTimeout=\\\n5s", "[HTTP]\nIdleTimeout\\\n  =\\\r\n\t5s",
        "[HTTP]\nIdleTimeout=\\\n# comment\n; another \\\n5s", "[HTTP]\nIdleTimeout=5s\\",
        "[HTTP]\nIdleTimeout=5s \\\n\n",
        "[HTTP]\n\\\n\nIdleTimeout=5s", "[HTTP]\n\\\nIdleTimeout=5s", "\\\n[HTTP]\n# odd \\\nIdleTimeout=5s",
        "[HTTP]\nMaxRequestBody=1K\n[Log]\n[HTTP]\nIdleTimeout=5s",
    ])
    func theSameSettingInManyForms(text: String) {
        let configuration = parsed(text)
        #expect(configuration.said.isEmpty)
        #expect(configuration.settings.server.idleTimeout.rawValue == 5000)
    }

    @Test(arguments: ["", "\n", "\u{FEFF}", "#", ";\\", "\\", "\\\n", "\\\n\\\n", " \t\r\n", "[HTTP]", "[HTTP]\r"])
    func aFileMaySayNothing(text: String) {
        let configuration = parsed(text)
        #expect(configuration.said.isEmpty)
        #expect(configuration.settings.changes(to: Settings()).live.isEmpty)
    }

    @Test(arguments: [
        ("x", "/f:1: 'x': neither [Section] nor Key=value"),
        ("[HTTP", "/f:1: '[HTTP': neither [Section] nor Key=value"),
        ("[HTTP] x", "/f:1: '[HTTP] x': neither [Section] nor Key=value"),
        ("[", "/f:1: '[': neither [Section] nor Key=value"),
        ("IdleTimeout=5s", "/f:1: IdleTimeout: above all sections; it belongs into [HTTP]"),
        ("Nothing=5s", "/f:1: Nothing: no such key, and above all sections"),
        (
            "\n[http]\nIdleTimeout=x\nfoo",
            "/f:2: [http]: no such section; [Server], [Limits], [HTTP], [WebSocket] and [Log] are allowed\n"
                + "/f:4: 'foo': neither [Section] nor Key=value"
        ),
        ("[]", "/f:1: []: no such section; [Server], [Limits], [HTTP], [WebSocket] and [Log] are allowed"),
        ("[Server]\nIdleTimeout=5s", "/f:2: IdleTimeout: in the wrong section; it belongs into [HTTP]"),
        (
            "[Limits]\nidleTimeout=5s",
            "/f:2: idleTimeout: no such key; MaxConnections and HeapLimit are allowed in [Limits]"
        ),
        (
            "[Log]\n=5s",
            "/f:2: : no such key; LogFile, LogLevel, LogTruncate, LogJournal and AccessLog are allowed in [Log]"
        ),
        (
            "[HTTP]\nIdleTimeout=5",
            "/f:2: IdleTimeout: '5': not a time such as 500ms, 30s, 2min or 1h; 1ms to 24h is allowed"
        ),
        (
            "[HTTP]\nIdleTimeout=",
            "/f:2: IdleTimeout: '': not a time such as 500ms, 30s, 2min or 1h; 1ms to 24h is allowed"
        ),
        ("[HTTP]\nIdleTimeout=25h", "/f:2: IdleTimeout: '25h': out of range; 1ms to 24h is allowed"),
        (
            "[HTTP]\nIdleTimeout=1s # x",
            "/f:2: IdleTimeout: '1s # x': not a time such as 500ms, 30s, 2min or 1h; 1ms to 24h is allowed"
        ),
        (
            "[HTTP]\nIdleTimeout=\\\n\\\n5",
            "/f:2: IdleTimeout: '5': not a time such as 500ms, 30s, 2min or 1h; 1ms to 24h is allowed"
        ),
        ("[HTTP]\nMaxRequestHead=33K", "/f:2: MaxRequestHead: '33K': out of range; 256 to 32K is allowed"),
        ("[Server]\nReactor=kqueue", "/f:2: Reactor: 'kqueue': must be auto, io_uring, epoll or ppoll"),
        ("[Server]\nReactor=", "/f:2: Reactor: '': must be auto, io_uring, epoll or ppoll"),
        ("[Server]\nAdminRoutes=x", "/f:2: AdminRoutes: 'x': must be everywhere, metrics or admin"),
        ("[Log]\nLogTruncate=maybe", "/f:2: LogTruncate: 'maybe': must be yes or no"),
        ("[Log]\nAccessLog=common", "/f:2: AccessLog: 'common': must be tag, combined or off"),
        ("[Log]\nLogFile=", "/f:2: LogFile: '': a path of 1 to 255 bytes, - or off is needed"),
        ("[Log]\nLogFile=/a\\x00b", "/f:2: LogFile: '/a\\x5cx00b': a path of 1 to 255 bytes, - or off is needed"),
        (
            "[WebSocket]\nOrigins=https://a.example b.example",
            "/f:2: Origins: 'b.example': must be one or more such as https://example.org, with a space between them"
        ),
        ("[HTTP]\nIdle\u{0}Timeout=5s", "/f:2: the line holds a control byte; only text and tabs are allowed"),
        ("[HTTP]\nIdleTimeout=5s\rx", "/f:2: the line holds a control byte; only text and tabs are allowed"),
        ("[HTTP]\r\rIdleTimeout=5s", "/f:1: the line holds a control byte; only text and tabs are allowed"),
        ("[HTTP]\nIdlé=5s", "/f:2: Idl\\xc3\\xa9: no such key"),
    ])
    func whatIsWrongIsNamedWithItsPlaceAndWhatIsAllowed(text: String, lines: String) {
        let said = parsed(text).said.joined(separator: "\n")
        #expect(said == lines || (lines.hasSuffix("no such key") && said.hasPrefix(lines)))
    }

    @Test func everyErrorIsNamedAndTheRestIsRead() {
        let configuration = parsed("[HTTP]\nIdleTimeout=x\nWriteTimeout=7s\nx\nRequestTimeout=0s\nLingerTimeout=8s")
        #expect(configuration.said.map { $0.split(separator: " ")[0] } == ["/f:2:", "/f:4:", "/f:5:"])
        #expect(configuration.settings.connections.writeTimeout.rawValue == 7000)
        #expect(configuration.settings.connections.lingerTimeout.rawValue == 8000)
        #expect(configuration.settings.server.idleTimeout.rawValue == Config.idleTimeout)
    }

    @Test func anEndlessLineIsRefusedAndTheNextOneRead() {
        let long = String(repeating: "x", count: 1 << 20)
        let configuration = parsed("[HTTP]\nIdleTimeout=\(long)\nWriteTimeout=7s\n\\\n" + long + "\\\n")
        let fault = "the line is too long; at most 32768 bytes are allowed"
        #expect(configuration.said == ["/f:2: \(fault)", "/f:4: \(fault)"])
        #expect(configuration.settings.connections.writeTimeout.rawValue == 7000)
    }

    @Test func aHundredErrorsAreEnough() {
        let said = parsed(String(repeating: "x\n", count: 500_000)).said
        #expect(said.count == 101)
        #expect(said[100] == "too many errors; no more are shown")
    }

    @Test func anyBytesAreReadWithoutATrap() {
        var random = SystemRandomNumberGenerator()
        let pieces = [
            "[HTTP]", "[", "]", "\n", "\\", "=", " ", "IdleTimeout", "Listen", "unix:", ":", "#", "\\x", "1", "\u{0}",
        ]
        for _ in 0..<3000 {
            var text: [UInt8] = []
            for _ in 0..<Int.random(in: 0..<40, using: &random) { text += Array(pieces.randomElement()!.utf8) }
            _ = parsed(text).said
        }
    }

    // MARK: Lists

    @Test(arguments: [
        ("8000", "0.0.0.0:8000"), ("0", "0.0.0.0:0"), ("127.0.0.1:80", "127.0.0.1:80"), ("[::]:80", "[::]:80"),
        ("[fe80::1%2]:65535", "[fe80::1%2]:65535"), ("unix:/run/x.sock", "unix:/run/x.sock"), ("unix:@x", "unix:@x"),
        ("unix:/a\\x20b\\\\c", "unix:/a\\x20b\\x5cc"), ("unix:/ä", "unix:/\\xc3\\xa4"),
        ("1 \t 2 \\\n 3", "0.0.0.0:1 0.0.0.0:2 0.0.0.0:3"), ("", ""),
    ])
    func addressesAreAList(text: String, list: String) {
        let settings = parsed("[Server]\nListen=\(text)\n").settings
        #expect(value(.listen, settings) == list)
        #expect(value(.listen, parsed("[Server]\nListen=\(list)\n").settings) == list)
    }

    @Test(arguments: [
        ("::1:8000", "must be such as 8000, 127.0.0.1:8000, [::1]:8000, unix:/PATH or unix:@NAME"),
        ("127.0.0.1", "must be such as 8000, 127.0.0.1:8000, [::1]:8000, unix:/PATH or unix:@NAME"),
        ("[::1]", "must be such as 8000, 127.0.0.1:8000, [::1]:8000, unix:/PATH or unix:@NAME"),
        ("localhost:http", "must be such as 8000, 127.0.0.1:8000, [::1]:8000, unix:/PATH or unix:@NAME"),
        ("127.0.0.1:", "must be such as 8000, 127.0.0.1:8000, [::1]:8000, unix:/PATH or unix:@NAME"),
        ("/run/x.sock", "must be such as 8000, 127.0.0.1:8000, [::1]:8000, unix:/PATH or unix:@NAME"),
        ("localhost:80", "not an IP address or unix:PATH; host names are not looked up"),
        (":80", "empty; an IP address or unix:PATH is needed"),
        ("[::1:80", "a [ without its ]"),
        ("127.0.0.1:65536", "out of range; 0 to 65535 is allowed"),
        ("99999999999999999999", "must be such as 8000, 127.0.0.1:8000, [::1]:8000, unix:/PATH or unix:@NAME"),
        ("unix:x", "a Unix path must begin with /, an abstract name with @"),
    ])
    func aWrongAddressIsNamed(text: String, reason: String) {
        let configuration = parsed("[Server]\nAdminListen=unix:@a\nAdminListen=1 \(text) 2")
        #expect(configuration.said == ["/f:3: AdminListen: '\(text)': \(reason)"])
        #expect(value(.adminListen, configuration.settings) == "unix:@a")
    }

    @Test func listsGrowAndAnEmptyValueEmptiesThem() {
        #expect(value(.listen, parsed("[Server]\nListen=1\nListen=2 3\n").settings) == "0.0.0.0:1 0.0.0.0:2 0.0.0.0:3")
        #expect(value(.listen, parsed("[Server]\nListen=1\nListen=\nListen=2\n").settings) == "0.0.0.0:2")
        #expect(parsed("[Server]\nListen=\n").settings.listen.isEmpty)
        let origins = parsed("[WebSocket]\nOrigins=https://a  https://b\n[Log]\n[WebSocket]\nOrigins=*").settings
            .server.allowedOrigins
        #expect(String(decoding: origins, as: UTF8.self) == "https://a https://b *")
        #expect(parsed("[WebSocket]\nOrigins=https://a\nOrigins=").settings.server.allowedOrigins.isEmpty)
    }

    @Test func listsHaveALargestLength() {
        let ports = (1...65).map { "\($0)" }.joined(separator: " ")
        #expect(
            parsed("[Server]\nListen=\(ports)").said == [
                "/f:2: Listen: '65': one address too many; at most 64 are allowed"
            ])
        let line = "Origins=" + String(repeating: "https://a.example ", count: 500) + "\n"
        #expect(
            parsed("[WebSocket]\n" + line + line).said
                == ["/f:3: Origins: 'https://a.example': the list is too long; at most 16384 bytes are allowed"])
    }

    @Test(arguments: [
        ("no", false), ("yes", true), ("false", false), ("true", true), ("off", false), ("on", true), ("0", false),
        ("1", true),
    ])
    func yesAndNoHaveSystemdsWords(word: String, isOn: Bool) {
        #expect(parsed("[Log]\nLogTruncate=\(word)\nLogJournal=\(word)").settings.logTruncate == isOn)
        #expect(parsed("[Log]\nLogTruncate=\(word)\nLogJournal=\(word)").settings.logJournal == isOn)
    }
}
