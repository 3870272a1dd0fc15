// Sources/Net/Acceptor.swift — accepting on a thread that does nothing else.

import Bytes
import Linux
import Primitives
import Runtime
import Synchronization

/// A thread that waits for connections, and hands them to the workers in turn.
///
/// It cannot be woken out of a blocking accept by shutdown(2), since another process may hold the same socket; so
/// it waits in ppoll on the listeners and an eventfd, and then accepts until no connection waits.
package final class Acceptor {
    private var admission = Admission()
    private let stopEvent: EventDescriptor
    /// The event's, then the listeners'.
    private var entries: MappedArray<PollEntry>
    private var listenerCount = 0
    /// Which listeners' connections are for administration, by their places in ``entries``.
    private var isForAdministration: [129 of Bool] = .init(repeating: false)
    private var nextWorker = 0
    private var isStopping = false
    private var thread: Thread?

    /// An acceptor with no listeners yet.
    package init() throws(Errno) {
        stopEvent = try EventDescriptor()
        entries = try MappedArray(count: Config.maxListeners + 1)
        entries[0] = PollEntry(stopEvent.descriptor, for: .readable)
        makeImmortal(self)
        Runtime.missing.store(.start, ordering: .relaxed)
    }

    /// Accepts from `listener` too. Before ``start()``; at most `Config.maxListeners`.
    package func accept(from listener: Listener) throws(Errno) {
        guard listenerCount < Config.maxListeners else { throw .tooManyOpenFiles }
        try listener.descriptor.setNonBlocking()
        listenerCount += 1
        isForAdministration[listenerCount] = listener.role == .administration
        entries[listenerCount] = PollEntry(listener.descriptor, for: .readable)
    }

    /// Starts the thread. Before `Runtime.run`.
    package func start() throws(Errno) {
        Runtime.missing.store(.nothing, ordering: .relaxed)
        // SAFETY: until the thread has ended, ``stop()`` touches nothing that changes but the event.
        nonisolated(unsafe) let acceptor = self
        thread = try Thread.spawn("acceptor") { unsafe acceptor.run() }
    }

    /// Makes the thread accept what waits in the kernel's queue and end, and waits for its end.
    package func stop() {
        stopEvent.signal()
        thread?.join()
    }

    private func run() {
        while !isStopping {
            wait()
            for index in 1...listenerCount where !drain(index) { break }
        }
    }

    /// Waits for a connection, or the order to stop. While there is no room, only for the latter, and not long.
    private func wait() {
        let count = admission.isPaused ? 1 : listenerCount + 1
        let timeout = admission.isPaused ? Config.acceptRetryTime : -1
        do throws(Errno) {
            var asked = entries.first(count)
            _ = try Poll.wait(&asked, timeout: timeout)
        } catch {
            fatalError("ppoll failed")
        }
        if entries[0].found.contains(.readable) { isStopping = true }
    }

    /// The next worker in turn, of those that turn; the next one if none does.
    private func chooseWorker() -> Worker {
        let now = Clock.monotonicMilliseconds
        for _ in 1..<Scheduler.workerCount {
            if Scheduler.worker(nextWorker).isTurning(at: now) { break }
            advance()
        }
        defer { advance() }
        return Scheduler.worker(nextWorker)
    }

    private func advance() {
        nextWorker += 1
        if nextWorker == Scheduler.workerCount { nextWorker = 0 }
    }

    /// Accepts all that wait on one listener now. False if there was no room for one.
    private func drain(_ index: Int) -> Bool {
        for _ in 0..<(entries[index].descriptor.waitingConnections() ?? .max) {
            switch admission.next(from: entries[index].descriptor) {
            case .connection(let slot):
                if isForAdministration[index] { slot.flags.insert(.administration) }
                Admission.hand(slot, to: chooseWorker())
            case .noneWaiting: return true
            case .noRoom: return false
            }
        }
        return true
    }
}
