// Sources/Settings/SectionPair.swift — two collectors of sections as one.

import Bytes
import Linux

/// Two collectors as one: a heading is the first one's, or else the second one's.
struct SectionPair<First: SectionCollector, Second: SectionCollector>: SectionCollector {
    /// Is asked first.
    var first: First
    /// Is asked for what the first does not know.
    var second: Second
    private var isFirstOpen = true

    init(_ first: First, _ second: Second) {
        self.first = first
        self.second = second
    }

    static var headingCount: Int { First.headingCount + Second.headingCount }

    static func writeHeading(_ number: Int, into line: inout Text) {
        if number < First.headingCount {
            First.writeHeading(number, into: &line)
        } else {
            Second.writeHeading(number - First.headingCount, into: &line)
        }
    }

    mutating func open(_ heading: borrowing Span<UInt8>) -> SectionOpening {
        let outcome = first.open(heading)
        isFirstOpen = true
        guard case .unknown = outcome else { return outcome }
        isFirstOpen = false
        return second.open(heading)
    }

    mutating func assign(
        _ name: borrowing Span<UInt8>, _ text: borrowing Span<UInt8>, at source: Source
    ) -> SectionProblem? {
        isFirstOpen ? first.assign(name, text, at: source) : second.assign(name, text, at: source)
    }

    func writeOpenHeading(into line: inout Text) {
        if isFirstOpen { first.writeOpenHeading(into: &line) } else { second.writeOpenHeading(into: &line) }
    }

    func writeKeys(into line: inout Text) {
        if isFirstOpen { first.writeKeys(into: &line) } else { second.writeKeys(into: &line) }
    }

    mutating func write(_ files: [Path], into text: inout Text) {
        first.write(files, into: &text)
        second.write(files, into: &text)
    }
}
