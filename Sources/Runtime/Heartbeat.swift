// Sources/Runtime/Heartbeat.swift — whether a worker's loop still turns.

import Linux
import Synchronization

/// A question that one thread asks and a worker answers when its loop comes round: the eventfd was read, what was ready
/// has run, nothing blocks it.
///
/// Words with one writer each. Relaxed: the answer is that the worker's loop turned after it saw the question,
/// and nothing else is read because of it.
struct Heartbeat: ~Copyable {
    private let asked = Atomic<UInt32>(0)
    private let answered = Atomic<UInt32>(0)
    private let hasEnded = Atomic<Bool>(false)

    /// Asks once more. The asking thread only.
    func ask() { asked.store(asked.load(ordering: .relaxed) &+ 1, ordering: .relaxed) }

    /// Whether the last question was answered, or need not be.
    var isAnswered: Bool {
        answered.load(ordering: .relaxed) == asked.load(ordering: .relaxed) || hasEnded.load(ordering: .relaxed)
    }

    /// There will be no answers any more, and that is right. The worker only.
    func end() { hasEnded.store(true, ordering: .relaxed) }

    /// Answers, if there is something to answer. The worker only; a load and a comparison.
    @inline(__always)
    func answer() {
        let question = asked.load(ordering: .relaxed)
        if question != answered.load(ordering: .relaxed) { answered.store(question, ordering: .relaxed) }
    }
}

extension Scheduler {
    /// Has every worker show that its loop still turns: wakes them all. The control thread only.
    package static func askHeartbeat() {
        for index in 0..<workerCount {
            worker(index).heartbeat.ask()
            worker(index).wakeUp.signal()
        }
    }

    /// The first worker that has not answered ``askHeartbeat()`` yet; nil if all have.
    package static var firstSilentWorker: Int? {
        for index in 0..<workerCount where !worker(index).heartbeat.isAnswered { return index }
        return nil
    }
}
