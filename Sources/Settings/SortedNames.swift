// Sources/Settings/SortedNames.swift — the files of a directory that belong to a configuration.

import Bytes
import Linux

/// Names that end with `.conf` and do not begin with a dot, in the order of their bytes.
struct SortedNames {
    private var names: [[UInt8]] = []
    /// Whether there were more than `Config.maxDropIns`.
    private(set) var overflowed = false

    /// How many there are.
    var count: Int { names.count }

    /// Takes `name` in at its place, if it is one of a configuration file.
    @_optimize(size)
    mutating func insert(_ name: borrowing Span<UInt8>) {
        guard name.count > 5, name[0] != UInt8(ascii: "."), name.extracting(last: 5).spells(".conf") else { return }
        guard names.count < Config.maxDropIns else {
            overflowed = true
            return
        }
        var index = names.count
        while index > 0 {
            let other = names[index - 1]
            guard name.precedes(other.span) else { break }
            index -= 1
        }
        var text = Text()
        text.add(name)
        names.insert(text.bytes, at: index)
    }

    /// Name `index`, `0..<count`.
    subscript(index: Int) -> [UInt8] { names[index] }
}

extension Span where Element == UInt8 {
    /// Whether it comes before `other` in the order of the bytes.
    fileprivate func precedes(_ other: borrowing Span<UInt8>) -> Bool {
        var index = 0
        while index < count, index < other.count {
            if self[index] != other[index] { return self[index] < other[index] }
            index += 1
        }
        return count < other.count
    }
}
