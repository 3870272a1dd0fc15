// Tests/HTTPTests/EntityTagListTests.swift — reading If-Match and If-None-Match (RFC 9110 §8.8.3, §13.1).

import Bytes
import HTTP
import Testing

@Suite struct EntityTagListTests {
    private func has(_ list: String, tag: String = "\"abc\"", by comparison: EntityTagList.Comparison) -> Bool {
        EntityTagList.contains(tag.latin1.span, list.latin1.span, by: comparison)
    }

    /// Lists that have the tag `"abc"`, by the strong comparison too where it comes without `W/`.
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
        "W/\"abc\", \"abc\"",
        "W/\"x\", \"abc\"",
    ])
    func aTagIsFoundByEitherComparison_RFC9110_8_8_3_2(_ list: String) {
        #expect(has(list, by: .weak))
        let isWeakOnly = list.contains("W/\"abc\"") && !list.replacing("W/\"abc\"", with: "").contains("\"abc\"")
        #expect(has(list, by: .strong) == !isWeakOnly)
    }

    @Test func whatHasNoTagIsInNoListButTheStar() {
        for comparison in [EntityTagList.Comparison.weak, .strong] {
            #expect(has("*", tag: "", by: comparison))
            for list in ["", "\"\"", "\"abc\"", ",", " "] { #expect(!has(list, tag: "", by: comparison), "\(list)") }
        }
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
        #expect(!has(list, by: .weak) && !has(list, by: .strong))
    }
}
