// Tests/SettingsTests/PatternedSectionTests.swift — sections with a pattern in their heading, by tables made here.

import Bytes
import Foundation
import Options
import Testing

@testable import Settings

/// `[Channel PATTERN]`.
private struct Channel: PatternedSection {
    var pattern: [UInt8]
    var history = 100
    var maxLag = Milliseconds.seconds(5)
    var maxEvent = ByteCount.kibibytes(64)
    var isPublic = false
    var overflow = AccessLogFormat.tag

    init?(pattern: borrowing Span<UInt8>) {
        guard !pattern.isEmpty else { return nil }
        self.pattern = []
        for index in pattern.indices { self.pattern.append(pattern[index]) }
    }

    static var sectionName: StaticString { "Channel" }
    static var patternMismatch: StaticString { "a pattern such as news/* is needed" }
    static var table: [KeyBinding<Channel>] { channelTable }
}

private let channelTable: [KeyBinding<Channel>] = [
    KeyBinding("History", .count(0, 1000), help: "messages that are kept") { $1.transfer(&$0.history) },
    KeyBinding("MaxLag", .time(), help: "how far a subscriber may lag") { $1.transfer(&$0.maxLag) },
    KeyBinding("MaxEvent", .size(1, 1 << 20), help: "bytes of an event") { $1.transfer(&$0.maxEvent) },
    KeyBinding("Public", .flag, help: "whether all may subscribe") { $1.transfer(&$0.isPublic) },
    KeyBinding("Overflow", .choice("tag\ncombined\noff\n"), help: "what a slow one loses") {
        $1.transfer(&$0.overflow)
    },
]

/// `[Files PATH]`, to have two kinds.
private struct Files: PatternedSection {
    var maxAge = Milliseconds(0)

    init?(pattern: borrowing Span<UInt8>) { guard pattern.starts(with: "/") else { return nil } }

    static var sectionName: StaticString { "Files" }
    static var patternMismatch: StaticString { "a path is needed" }
    static var table: [KeyBinding<Files>] {
        [KeyBinding("MaxAge", .time(0), .restart, help: "how long a copy is fresh") { $1.transfer(&$0.maxAge) }]
    }
}

@Suite struct PatternedSectionTests {
    /// What files of these texts give: the channels, and what was said.
    private func read(_ texts: String...) -> (PatternedSections<Channel>, said: [String], Configuration) {
        var sections = PatternedSections<Channel>()
        var configuration = withEnvironment([]) { Configuration(.plain, $0) }
        for (number, text) in texts.enumerated() {
            configuration.parse(asFile: "/\(number)", Array(text.utf8), &sections)
        }
        return (sections, configuration.said, configuration)
    }

    private func patterns(_ sections: PatternedSections<Channel>) -> [String] {
        sections.instances.map { String(decoding: $0.pattern, as: UTF8.self) }
    }

    @Test func eachSectionHasItsOwnValuesOverTheDefaults() {
        let (sections, said, configuration) = read(
            """
            [Channel news/*]
            History=7
            Public=yes
            [HTTP]
            IdleTimeout=5s
            [Channel chat/#]
            MaxLag=250ms
            MaxEvent=1K
            Overflow=off
            """)
        #expect(said.isEmpty)
        #expect(patterns(sections) == ["news/*", "chat/#"])
        let (news, chat) = (sections.instances[0].target, sections.instances[1].target)
        #expect(news.history == 7 && news.isPublic && news.maxLag == .seconds(5) && news.overflow == .tag)
        #expect(chat.history == 100 && !chat.isPublic && chat.maxLag == Milliseconds(250))
        #expect(chat.maxEvent == .kibibytes(1) && chat.overflow == .off)
        #expect(news.pattern == Array("news/*".utf8))
        #expect(configuration.settings.server.idleTimeout == .seconds(5))
    }

    @Test func aLaterFileChangesSingleValuesOfTheSameSection() {
        let (sections, said, _) = read(
            "[Channel a]\nHistory=1\nMaxLag=1s\n[Channel b]\nHistory=2", "[Channel  a ]\nHistory=3\n")
        #expect(said.isEmpty)
        #expect(patterns(sections) == ["a", "b"])
        #expect(sections.instances.map(\.target.history) == [3, 2])
        #expect(sections.instances[0].target.maxLag == .seconds(1))
    }

    @Test(arguments: [
        ("[Channel news/*]\nHistory=x", "/0:2: [Channel news/*] History: 'x': not a number; 0 to 1000 is allowed"),
        ("[Channel a]\n\nHistory=1001", "/0:3: [Channel a] History: '1001': out of range; 0 to 1000 is allowed"),
        (
            "[Channel a]\nMaxLag=5",
            "/0:2: [Channel a] MaxLag: '5': not a time such as 500ms, 30s, 2min or 1h; 1ms to 24h is allowed"
        ),
        ("[Channel a]\nPublic=maybe", "/0:2: [Channel a] Public: 'maybe': must be yes or no"),
        ("[Channel a]\nOverflow=x", "/0:2: [Channel a] Overflow: 'x': must be tag, combined or off"),
        (
            "[Channel a]\nIdleTimeout=5s",
            "/0:2: [Channel a] IdleTimeout: no such key; History, MaxLag, MaxEvent, Public and Overflow are allowed"
        ),
        ("[Channel]\nHistory=1", "/0:1: [Channel]: a pattern such as news/* is needed"),
        ("[Channel \t]\nHistory=x", "/0:1: [Channel \\x09]: a pattern such as news/* is needed"),
        (
            "[Channels a]",
            "/0:1: [Channels a]: no such section; [Server], [Limits], [HTTP], [WebSocket], [Log] and "
                + "[Channel PATTERN] are allowed"
        ),
        ("[HTTP]\nHistory=1", "/0:2: History: no such key; "),
        ("[Channel a", "/0:1: '[Channel a': neither [Section] nor Key=value"),
        ("[Channel \u{1}]", "/0:1: the line holds a control byte; only text and tabs are allowed"),
    ])
    func anErrorNamesFileLineAndSection(text: String, line: String) {
        let said = read(text).said
        #expect(said.count == 1)
        #expect(said.first?.hasPrefix(line) == true, "\(said)")
    }

    @Test func aWrongValueChangesNothing() {
        let (sections, said, _) = read("[Channel a]\nHistory=5\nHistory=x\nMaxLag=1s")
        #expect(said.count == 1)
        #expect(sections.instances[0].target.history == 5 && sections.instances[0].target.maxLag == .seconds(1))
    }

    @Test func thereIsALargestNumberOfSections() {
        let text = (0...Config.maxPatternedSections).map { "[Channel \($0)]\nHistory=1\n" }.joined()
        let (sections, said, _) = read(text)
        #expect(sections.instances.count == Config.maxPatternedSections)
        #expect(said == ["/0:\(2 * Config.maxPatternedSections + 1): [Channel 256]: too many sections of this name"])
    }

    @Test func twoKindsOfSectionsAreReadTogether() {
        var pair = SectionPair(PatternedSections<Channel>(), PatternedSections<Files>())
        var configuration = withEnvironment([]) { Configuration(.plain, $0) }
        configuration.parse(
            asFile: "/f", Array("[Files /a]\nMaxAge=1h\n[Channel a]\nHistory=1\n[Files b]\n[Files /a]\nX=1\n[X]".utf8),
            &pair)
        #expect(pair.first.instances.count == 1 && pair.first.instances[0].target.history == 1)
        #expect(pair.second.instances.count == 1 && pair.second.instances[0].target.maxAge == .seconds(3600))
        #expect(
            configuration.said == [
                "/f:5: [Files b]: a path is needed",
                "/f:7: [Files /a] X: no such key; MaxAge are allowed",
                "/f:8: [X]: no such section; [Server], [Limits], [HTTP], [WebSocket], [Log], [Channel PATTERN] and "
                    + "[Files PATTERN] are allowed",
            ])
    }

    @Test func whatIsPrintedGivesTheSameSectionsAndSaysWhereEachValueWasSet() {
        var (sections, _, configuration) = read("[Channel a b]\nHistory=1\n[Channel news/*]\nPublic=on\nMaxLag=2min\n")
        var printed = ""
        ConfigurationPrinter.write(&configuration, &sections) { printed += string($0) }
        #expect(printed.contains("\n\n[Channel a b]\n# /0:2\nHistory=1\nMaxLag=5s\n"))
        #expect(printed.contains("\n[Channel news/*]\nHistory=100\n# /0:5\nMaxLag=2min\n"))
        let (again, said, _) = read(printed)
        #expect(said.isEmpty)
        #expect(patterns(again) == patterns(sections))
        #expect(again.instances.map(\.target.history) == [1, 100])
        #expect(again.instances.map(\.target.isPublic) == [false, true])
        #expect(again.instances[1].target.maxLag == .seconds(120))
    }

    @Test func theWholeConfigurationIsLoadedWithThem() throws {
        let folder = try Folder()
        let file = try folder.write("a.conf", "[Channel x]\nHistory=4\n")
        _ = try folder.write("a.conf.d/b.conf", "[Channel x]\nPublic=yes\n[Channel y]\n")
        var sections = PatternedSections<Channel>()
        try withArguments(["--config", file]) { arguments in
            try withEnvironment([]) { environment in
                _ = try Configuration.load(.plain, arguments, environment, sections: &sections) { _, _ in }
            }
        }
        #expect(patterns(sections) == ["x", "y"])
        #expect(sections.instances[0].target.history == 4 && sections.instances[0].target.isPublic)
        // A program without such sections does not know them.
        #expect(load(["--config", file]).lines.first?.contains("no such section") == true)
    }
}
