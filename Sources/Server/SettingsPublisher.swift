// Sources/Server/SettingsPublisher.swift — settings on their way from the control thread to the workers.

import Net
import Runtime
import Synchronization

/// Settings that hold for all connections. Never changed: others take their place.
final class SharedSettings: Sendable {
    let server: ServerSettings
    let connections: ConnectionSettings
    /// Sequence number of these settings, starting at 1.
    let generation: Int
    /// How many workers have taken them over, each counted once, after its last look at any before them.
    fileprivate let takers = Atomic<Int>(0)

    init(_ server: ServerSettings, _ connections: ConnectionSettings, generation: Int) {
        self.server = server
        self.connections = connections
        self.generation = generation
    }
}

/// Where workers find the settings that hold.
///
/// The control thread publishes (release), a worker that is told so loads (acquire) and copies. It may find the ones
/// after those that it was told of, and then has nothing to do when it is told of them. Settings are freed when a later
/// publication finds that all workers have taken over some that came after them, and so look at them no more.
///
/// - Invariant: ``published`` is the address of one of ``kept``, and the settings that a worker has loaded stay in
///   ``kept`` until it has counted itself among the takers of later ones.
@safe final class SettingsPublisher: @unchecked Sendable {
    // SHARED: only `published` is touched by several threads.
    private let published: Atomic<UInt>
    /// All that some worker may still look at, oldest first. The control thread's.
    private var kept: [SharedSettings]

    init(_ server: ServerSettings, _ connections: ConnectionSettings) {
        let first = SharedSettings(server, connections, generation: 1)
        kept = [first]
        published = Atomic(unsafe UInt(bitPattern: Unmanaged.passUnretained(first).toOpaque()))
    }

    /// Makes workers find these settings from now on. On the control thread; tell the workers afterwards.
    func publish(_ server: ServerSettings, _ connections: ConnectionSettings) {
        let next = SharedSettings(server, connections, generation: kept[kept.count - 1].generation + 1)
        var oldest = kept.count - 1
        // Acquiring: what a worker did with the settings before is over when its count is seen.
        while oldest > 0, kept[oldest].takers.load(ordering: .acquiring) < Scheduler.workerCount { oldest -= 1 }
        kept.removeFirst(oldest)
        kept.append(next)
        published.store(unsafe UInt(bitPattern: Unmanaged.passUnretained(next).toOpaque()), ordering: .releasing)
    }

    /// Shows a worker the settings that hold, if they are not those that it has seen last. On the worker's thread.
    ///
    /// - Parameter seen: the generation that this worker has seen last, 0 at first.
    func visit(_ seen: inout Int, _ body: (SharedSettings) -> Void) {
        guard let pointer = unsafe UnsafeRawPointer(bitPattern: published.load(ordering: .acquiring)) else { return }
        // SAFETY: what is published is kept, and is not freed before this worker has visited what comes after it.
        unsafe Unmanaged<SharedSettings>.fromOpaque(pointer)._withUnsafeGuaranteedRef { settings in
            guard settings.generation != seen else { return }
            seen = settings.generation
            body(settings)
            _ = settings.takers.add(1, ordering: .releasing)
        }
    }
}
