// Sources/Settings/SettingsChanges.swift — what a new configuration changes in a server that runs.

import Bytes
import Linux

/// What differs between two settings.
package struct SettingsChanges: Sendable {
    /// What a server that runs takes over: ``Settings/takeLive(from:)``.
    package fileprivate(set) var live = KeySet()
    /// What takes effect after a restart.
    package fileprivate(set) var needsRestart = KeySet()
}

extension Settings {
    /// What is different in `new`. Both stay as they are.
    @_optimize(size)
    package mutating func changes(to new: inout Settings) -> SettingsChanges {
        var changes = SettingsChanges()
        for number in 0..<Key.count {
            let key = Key(number: number)
            if key.isSame(in: &self, &new) { continue }
            if key.spec.isLive { changes.live.insert(key) } else { changes.needsRestart.insert(key) }
        }
        return changes
    }

    /// Takes over what can change while the server runs. `new` stays as it is.
    @_optimize(size)
    package mutating func takeLive(from new: inout Settings) {
        for number in 0..<Key.count where settingsTable[number].key.isLive {
            settingsTable[number].store(settingsTable[number].value(in: &new), in: &self)
        }
    }
}
