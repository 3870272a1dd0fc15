// Sources/Settings/PatternedSection.swift — what a repeatable section must say of itself.

import Bytes

/// A section such as `[Channel news/*]`: a type whose values a table of its own describes.
protocol PatternedSection {
    /// The word before the pattern: `Channel`.
    static var sectionName: StaticString { get }
    /// Its keys. Their `section` is nil.
    static var table: [KeyBinding<Self>] { get }
    /// What is said of a pattern that is refused: `the pattern must not be empty`.
    static var patternMismatch: StaticString { get }

    /// The defaults for `pattern`; nil if the pattern is wrong.
    init?(pattern: borrowing Span<UInt8>)
}
