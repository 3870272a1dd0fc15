// Sources/Settings/Key.swift — a setting, by its place in the table.

import Bytes

/// A setting, by the place of its row.
struct Key: Sendable, Equatable {
    /// The place of its row, from 0.
    let number: Int

    /// How many there are.
    static var count: Int { settingsTable.count }

    /// Setting `number`, `0..<count`.
    init(number: Int) { self.number = number }

    /// The setting that has the name `text` at `place`.
    @_optimize(size)
    init?(_ text: borrowing Span<UInt8>, at place: KeySpec.Place) {
        for number in 0..<Key.count where settingsTable[number].key.isNamed(text, at: place) {
            guard place != .option || settingsTable[number].key.hasOption else { return nil }
            self.number = number
            return
        }
        return nil
    }

    /// The setting `name`, which the code needs to know. Traps if there is none.
    init(_ name: StaticString) {
        guard let key = Key(name.bytes, at: .file) else { fatalError("no such setting") }
        self = key
    }

    /// The settings of `section`, which stand together in the table.
    static func numbers(in section: Section) -> Range<Int> {
        var first = 0
        while settingsTable[first].key.section != section { first += 1 }
        var end = first
        while end < count, settingsTable[end].key.section == section { end += 1 }
        return first..<end
    }

    /// What is known of it.
    var spec: KeySpec { settingsTable[number].key }
    /// Whether two settings, which stay as they are, have the same value of it.
    func isSame(in left: inout Settings, _ right: inout Settings) -> Bool {
        binding.value(in: &left).isSame(as: binding.value(in: &right))
    }

    /// Appends its name as it is written at `place`.
    @inline(never)
    func writeName(for place: KeySpec.Place, into line: inout Text) { spec.writeName(for: place, into: &line) }

    /// Its row.
    var binding: KeyBinding<Settings> { settingsTable[number] }
}
