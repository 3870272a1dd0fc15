// Sources/Settings/SettingsChanges.swift — what a new configuration changes in a server that runs.

import Bytes
import Linux

/// A set of the configuration's keys.
public struct KeySet: Sendable {
    private var bits: UInt64 = 0

    mutating func insert(_ key: Key) { bits |= 1 << UInt64(key.rawValue) }

    func contains(_ key: Key) -> Bool { bits >> UInt64(key.rawValue) & 1 != 0 }

    /// Whether there is none.
    public var isEmpty: Bool { bits == 0 }

    /// How many there are.
    public var count: Int { bits.nonzeroBitCount }

    /// Calls `body` with the name of each in files, such as `IdleTimeout`.
    public func forEachName(_ body: (StaticString) -> Void) {
        for number in 0..<Key.count where contains(Key(number: number)) { body(Key(number: number).name) }
    }
}

/// What differs between two settings.
public struct SettingsChanges: Sendable {
    /// What a server that runs takes over: ``Settings/takeLive(from:)``.
    public fileprivate(set) var live = KeySet()
    /// What takes effect after a restart.
    public fileprivate(set) var needsRestart = KeySet()
}

extension Settings {
    /// What is different in `new`.
    @_optimize(size)
    public func changes(to new: Settings) -> SettingsChanges {
        var changes = SettingsChanges()
        for number in 0..<Key.count {
            let key = Key(number: number)
            if agrees(with: new, on: key) { continue }
            if key.isLive { changes.live.insert(key) } else { changes.needsRestart.insert(key) }
        }
        return changes
    }

    /// Takes over what can change while the server runs.
    @_optimize(size)
    public mutating func takeLive(from new: Settings) {
        for number in 0..<Key.count {
            let key = Key(number: number)
            if key.isLive { self[key] = new[key] }
        }
        origins = new.origins
    }

    /// Whether both have the same value of `key`.
    @_optimize(size)
    func agrees(with other: Settings, on key: Key) -> Bool {
        guard self[key] == other[key] else { return false }
        switch key {
        case .listen: return listen.isSame(as: other.listen)
        case .adminListen: return adminListen.isSame(as: other.adminListen)
        case .origins: return origins.span.equals(other.origins.span)
        case .logFile: return logFile.bytes.equals(other.logFile.bytes)
        default: return true
        }
    }
}

extension [SocketAddress] {
    fileprivate func isSame(as other: [SocketAddress]) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }
}
