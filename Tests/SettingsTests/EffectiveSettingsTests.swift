// Tests/SettingsTests/EffectiveSettingsTests.swift — settings as a file again, and what a new configuration changes.

import Testing

@testable import Settings

@Suite struct EffectiveSettingsTests {
    // MARK: Printing

    @Test func whatIsPrintedGivesTheSameSettings() throws {
        let folder = try Folder()
        var text = ""
        for number in keyNumbers {
            let key = Key(number: number)
            text += "[\(key.spec.section!.name)]\n\(key.spec.name)=\(otherValue(key))\n"
        }
        let file = try folder.write("a.conf", text + "[Server]\nDrainTimeout=1h\n[HTTP]\n")
        let first = load(["--config", file])
        #expect(first.lines.isEmpty)
        for number in keyNumbers {
            let key = Key(number: number)
            let isChanged = !agree(first.settings, Settings(), on: key)
            #expect(isChanged, "\(key.name)")
        }
        let second = load(["--config", try folder.write("b.conf", first.printed)])
        #expect(second.lines.isEmpty)
        for number in keyNumbers { #expect(agree(first.settings, second.settings, on: Key(number: number))) }
        let defaults = load(["--config", try folder.write("c.conf", load([]).printed)])
        for number in keyNumbers { #expect(agree(Settings(), defaults.settings, on: Key(number: number))) }
    }

    @Test func thePlaceOfEachValueIsPrinted() throws {
        let folder = try Folder()
        let file = try folder.write("a.conf", "[HTTP]\n\nIdleTimeout=5s\n")
        _ = try folder.write("a.conf.d/x.conf", "[Log]\nLogLevel=debug\n")
        let printed = load(
            ["--config", file, "3", "--set", "accessLog=off"], environment: ["ASYNC_NOSTD_PING_INTERVAL=7s"]
        ).printed
        #expect(printed.contains("# \(file):3\nIdleTimeout=5s\n"))
        #expect(printed.contains("# \(file).d/x.conf:2\nLogLevel=debug\n"))
        #expect(printed.contains("# environment\nPingInterval=7s\n"))
        #expect(printed.contains("# command line\nWorkers=3\n"))
        #expect(printed.contains("# command line\nAccessLog=off\n"))
        #expect(printed.contains("\nRequestTimeout=20s\n"))
        #expect(printed.components(separatedBy: "# ").count == 7)
    }

    // MARK: Changes

    @Test(arguments: keyNumbers)
    func aChangeIsLiveOrNeedsARestart(number: Int) {
        let key = Key(number: number)
        let new = parsed("[\(key.spec.section!.name)]\n\(key.spec.name)=\(otherValue(key))\n").settings
        var settings = Settings()
        let changes = settings.changes(to: new)
        var names: [String] = []
        (key.spec.isLive ? changes.live : changes.needsRestart).forEachName { names.append("\($0)") }
        #expect(names == ["\(key.spec.name)"])
        #expect((key.spec.isLive ? changes.needsRestart : changes.live).isEmpty)
        settings.takeLive(from: new)
        #expect(agree(settings, key.spec.isLive ? new : Settings(), on: key))
        #expect(settings.changes(to: new).live.isEmpty)
    }

    @Test func nothingChangesWithoutAChange() {
        let changes = load(["4", "::"]).settings.changes(to: load(["4", "::"]).settings)
        #expect(changes.live.isEmpty && changes.needsRestart.isEmpty && changes.live.count == 0)
        let two = Settings().changes(to: load(["4", "::", "--set", "idleTimeout=1s"]).settings)
        #expect(two.live.count == 1 && two.needsRestart.count == 2)
    }
}
