// Tests/HTTPTests/EntityTagListTests.swift — reading If-None-Match (RFC 9110 §8.8.3, §13.1.2).

import HTTP
import Testing
import Utilities

@Suite struct EntityTagListTests {
    private func has(_ list: String) -> Bool { EntityTagList.contains("\"abc\"".latin1.span, list.latin1.span) }

    /// Lists that have the tag `"abc"`.
    @Test(arguments: [
        "\"abc\"",
        "W/\"abc\"",
        "*",
        "\"x\", \"abc\"",
        "\"x\",\"abc\"",
        "\"x\" \t, \t\"abc\"",
        "\"abc\", \"x\"",
        "W/\"x\", W/\"abc\", W/\"y\"",
        "\"\", \"abc\"",
        "\"a,b\", \"abc\"",
        "\"W/\", \"abc\"",
        "\"\u{E9}\u{FF}!\\\", \"abc\"",
        ",, \"abc\" ,",
        "\"abc\", broken",
    ])
    func aTagIsFoundByTheWeakComparison(_ list: String) {
        #expect(has(list))
    }

    /// Lists that do not have it, or break the grammar before it.
    @Test(arguments: [
        "",
        " ",
        ",",
        "abc",
        "\"",
        "\"abc",
        "abc\"",
        "\"abcd\"",
        "\"ab\"",
        "\"ABC\"",
        "\"x\"",
        "w/\"abc\"",
        "W/",
        "W\"abc\"",
        "W/ \"abc\"",
        "W/W/\"abc\"",
        "**",
        "*, \"abc\"",
        "\"x\", *",
        "\"x\" \"abc\"",
        "\"x\"\"abc\"",
        "\"x\"; \"abc\"",
        "\"x y\", \"abc\"",
        "broken, \"abc\"",
        "\"x, \"abc\"",
        "'abc'",
    ])
    func anythingElseIsNoMatch(_ list: String) {
        #expect(!has(list))
    }
}
