// Sources/Server/SettingsStation.swift — settings on their way from the control thread to the workers.

import Net
import Runtime
import Synchronization

/// Settings that hold for all connections. Never changed: others take their place.
final class SharedSettings: Sendable {
    let server: ServerSettings
    let connections: ConnectionSettings
    /// How many workers have taken them over. Counted after the worker's last look at those before.
    fileprivate let takers = Atomic<Int>(0)

    init(_ server: ServerSettings, _ connections: ConnectionSettings) {
        self.server = server
        self.connections = connections
    }
}

/// Where workers find the settings that hold.
///
/// The control thread publishes (release), a worker that is told so loads (acquire) and copies. Settings are freed when a
/// later publication finds that all workers have taken over the ones after them, and so look at them no more.
@safe final class SettingsStation: @unchecked Sendable {
    // SHARED: only `published` is touched by several threads.
    private let published: Atomic<UInt>
    /// All that some worker may still look at, oldest first. The control thread's.
    private var kept: [SharedSettings]

    init(_ server: ServerSettings, _ connections: ConnectionSettings) {
        let first = SharedSettings(server, connections)
        kept = [first]
        published = Atomic(unsafe UInt(bitPattern: Unmanaged.passUnretained(first).toOpaque()))
    }

    /// Has these settings found from now on. The control thread only; tell the workers afterwards.
    func publish(_ server: ServerSettings, _ connections: ConnectionSettings) {
        let next = SharedSettings(server, connections)
        // Acquiring: what a worker did with the settings before is over when its count is seen.
        while kept.count > 1, kept[1].takers.load(ordering: .acquiring) >= Scheduler.workerCount { kept.removeFirst() }
        kept.append(next)
        published.store(unsafe UInt(bitPattern: Unmanaged.passUnretained(next).toOpaque()), ordering: .releasing)
    }

    /// Shows a worker the settings that hold. On the worker's thread, once for each publication.
    func visit(_ body: (SharedSettings) -> Void) {
        guard let pointer = unsafe UnsafeRawPointer(bitPattern: published.load(ordering: .acquiring)) else { return }
        // SAFETY: what is published is kept, and is not freed before this worker has visited what comes after it.
        unsafe Unmanaged<SharedSettings>.fromOpaque(pointer)._withUnsafeGuaranteedRef { settings in
            body(settings)
            _ = settings.takers.add(1, ordering: .releasing)
        }
    }
}
