// Sources/Settings/PatternedSections.swift — sections that can be repeated, each with a pattern in its heading.

import Bytes
import Linux

/// The sections `[NAME PATTERN]` of all files, in the order in which they came first.
///
/// A heading that comes again, in the same file or another, opens the same section: a later file changes single values.
/// Environment and command line do not reach these keys.
struct PatternedSections<Target: PatternedSection>: SectionCollector {
    /// One section.
    struct Instance {
        /// The pattern, as its heading has it.
        let pattern: [UInt8]
        /// Its values.
        fileprivate(set) var target: Target
        /// Where each of its keys was set, in the order of the table.
        fileprivate(set) var sources: [Source]
    }

    /// The sections.
    private(set) var instances: [Instance] = []
    /// Which of them is open.
    private var current = 0

    static var headingCount: Int { 1 }

    static func writeHeading(_ number: Int, into line: inout Text) {
        line.add(Target.sectionName)
        line.add(" PATTERN")
    }

    @_optimize(size)
    mutating func open(_ heading: borrowing Span<UInt8>) -> SectionOpening {
        let name = Target.sectionName
        guard heading.starts(with: name) else { return .unknown }
        let rest = heading.extracting(droppingFirst: name.utf8CodeUnitCount)
        guard rest.isEmpty || rest[0].isBlank else { return .unknown }
        let pattern = rest.extracting(rest.trimmingBlanks(0..<rest.count))
        for index in instances.indices {
            let known = instances[index].pattern
            guard known.span.equals(pattern) else { continue }
            current = index
            return .opened
        }
        guard let target = Target(pattern: pattern) else { return .wrong(Target.patternMismatch) }
        guard instances.count < Config.maxPatternedSections else { return .wrong("too many sections of this name") }
        var text = Text()
        text.add(pattern)
        let sources = [Source](repeating: .defaults, count: Target.table.count)
        current = instances.count
        instances.append(Instance(pattern: text.bytes, target: target, sources: sources))
        return .opened
    }

    @_optimize(size)
    mutating func assign(
        _ name: borrowing Span<UInt8>, _ text: borrowing Span<UInt8>, at source: Source
    ) -> SectionProblem? {
        let table = Target.table
        for number in table.indices where table[number].key.isNamed(name, at: .file) {
            let style = ValueStyle(at: source, after: instances[current].sources[number])
            do throws(ValueError) {
                try table[number].assign(text, style, to: &instances[current].target)
            } catch {
                return .wrongValue(error)
            }
            instances[current].sources[number] = source
            return nil
        }
        return .noSuchKey
    }

    func writeOpenHeading(into line: inout Text) { writeHeading(of: instances[current], into: &line) }

    func writeKeys(into line: inout Text) {
        let table = Target.table
        writeNames(table.indices, { table[$0].key }, into: &line)
    }

    @_optimize(size)
    mutating func write(_ files: [Path], into text: inout Text) {
        for index in instances.indices {
            text.add("\n")
            writeHeading(of: instances[index], into: &text)
            text.add("\n")
            for number in Target.table.indices {
                ConfigurationPrinter.write(
                    Target.table[number], of: &instances[index].target, from: instances[index].sources[number],
                    files, into: &text)
            }
        }
    }

    /// Appends `[Channel news/*]`. The pattern is escaped, so that a line stays a line.
    private func writeHeading(of instance: Instance, into line: inout Text) {
        line.add("[")
        line.add(Target.sectionName)
        if !instance.pattern.isEmpty { line.add(" ") }
        line.add(escaping: instance.pattern.span)
        line.add("]")
    }
}
