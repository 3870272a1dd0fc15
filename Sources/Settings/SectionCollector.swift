// Sources/Settings/SectionCollector.swift — what takes sections of files beyond those of the settings.

import Bytes
import Linux

/// Takes the sections of files that are not those of ``Settings``, such as `[Channel news/*]`.
///
/// It is a generic parameter of what reads files: with ``NoSections`` nothing of it is left in a program.
protocol SectionCollector {
    /// How many forms of headings there are.
    static var headingCount: Int { get }

    /// Appends form `number` of a heading, without brackets: `Channel PATTERN`.
    static func writeHeading(_ number: Int, into line: inout Text)

    /// Opens the section with this heading, which is given without brackets: the lines that follow belong to it.
    mutating func open(_ heading: borrowing Span<UInt8>) -> SectionOpening

    /// Sets a key of the open section; nil if that went well.
    mutating func assign(
        _ name: borrowing Span<UInt8>, _ text: borrowing Span<UInt8>, at source: Source
    ) -> SectionProblem?

    /// Appends the open section's heading: `[Channel news/*]`.
    func writeOpenHeading(into line: inout Text)

    /// Appends the names of the open section's keys: `MaxLag and History`.
    func writeKeys(into line: inout Text)

    /// Appends all sections as a file has them, each value with the place where it was set.
    mutating func write(_ files: [Path], into text: inout Text)
}

/// What comes of a heading.
enum SectionOpening {
    /// Its section is open.
    case opened
    /// It is not of this collector.
    case unknown
    /// It is of this collector, but wrong, for the reason given.
    case wrong(StaticString)
}

/// What is wrong with a line of a collected section.
enum SectionProblem {
    case noSuchKey
    case wrongValue(ValueError)
}

/// No sections beyond those of the settings.
struct NoSections: SectionCollector {
    static var headingCount: Int { 0 }
    static func writeHeading(_ number: Int, into line: inout Text) {}
    mutating func open(_ heading: borrowing Span<UInt8>) -> SectionOpening { .unknown }
    mutating func assign(
        _ name: borrowing Span<UInt8>, _ text: borrowing Span<UInt8>, at source: Source
    ) -> SectionProblem? { .noSuchKey }
    func writeOpenHeading(into line: inout Text) {}
    func writeKeys(into line: inout Text) {}
    mutating func write(_ files: [Path], into text: inout Text) {}
}
