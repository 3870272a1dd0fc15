// Sources/Settings/KeySet.swift — a set of settings.

/// A set of settings.
package struct KeySet: Sendable {
    /// A bit for each setting, by its number: 64 at most.
    private var bits: UInt64 = 0

    mutating func insert(_ key: Key) { bits |= 1 << UInt64(key.number) }

    func contains(_ key: Key) -> Bool { bits >> UInt64(key.number) & 1 != 0 }

    /// Whether there is none.
    package var isEmpty: Bool { bits == 0 }

    /// How many there are.
    package var count: Int { bits.nonzeroBitCount }

    /// Calls `body` with the name of each in files, such as `IdleTimeout`.
    package func forEachName(_ body: (StaticString) -> Void) {
        for number in 0..<Key.count where contains(Key(number: number)) { body(Key(number: number).spec.name) }
    }
}
