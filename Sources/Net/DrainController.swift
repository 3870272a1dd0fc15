// Sources/Net/DrainController.swift — the end of all connections, in good order.

import Bytes
import Primitives
import Runtime
import Synchronization

/// What the loops of all workers are told, and tell each other.
///
/// The order to end comes in two steps, because workers hand new connections to each other: only when none accepts any
/// more, and all that were handed over lie in their new workers' inboxes, do they end their connections. And all
/// workers stop together, since a handler may wait for a task of a worker that has no connection itself.
///
///     control thread ── stopAccepting ──▶ every worker ── the last one: drain ──▶ every worker
///     every worker ◀── stop: the last one ── no connection is left ◀────────────────┘
enum LoopMessage: UInt {
    case stopAccepting
    case drain
    case stop
    case reconfigure

    func send(to worker: Worker) { Scheduler.send(rawValue, to: worker) }
}

/// How one worker's connections end when the process does.
struct DrainController: ~Copyable {
    /// What is done with a connection when the drain begins.
    enum Step {
        /// Its protocol is told now.
        case tell
        /// Its deadline comes so many milliseconds from now.
        case wait(Int)
        /// A request may be there that was not looked at; otherwise it is closed.
        case serve
        /// It is in the middle of something, and closed when that is done.
        case leave
    }

    /// How many loops have not been told to stop accepting. Acquiring and releasing: the last one has seen what all
    /// others sent before.
    private static let accepting = Atomic<Int>(0)

    /// How many loops have connections yet, or have not begun to drain. Acquiring and releasing, as ``accepting``.
    private static let serving = Atomic<Int>(0)

    /// Whether the process is ending.
    private(set) var isDraining = false
    /// Whether no connection was left, once.
    private var hasEnded = false
    /// When the last connection that manages its lifetime is told so, in ms of the worker's clock.
    private var spreadEnd: UInt64 = 0
    /// Over how long these are told, how many there were, and how many have had their turn.
    private var spread = (time: 0, count: 1, turn: 0)

    init() {
        Self.accepting.add(1, ordering: .relaxed)
        Self.serving.add(1, ordering: .relaxed)
    }

    /// This loop accepts no more. If it is the last one, all are told to drain.
    func stopAccepting() {
        guard Self.accepting.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        for index in 0..<Scheduler.workerCount { LoopMessage.drain.send(to: Scheduler.worker(index)) }
    }

    /// The drain has left this loop no connection, and there will be no other. If it is the last one, all workers stop.
    mutating func end() {
        guard !hasEnded else { return }
        hasEnded = true
        guard Self.serving.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        for index in 0..<Scheduler.workerCount { LoopMessage.stop.send(to: Scheduler.worker(index)) }
    }

    /// Begins the drain of `count` connections that manage their lifetimes, over `time` ms.
    mutating func begin(now: UInt64, spreading count: Int, over time: Int) {
        isDraining = true
        spreadEnd = now + UInt64(time)
        spread = (time, Swift.max(count, 1), 0)
    }

    /// What is done with a connection now.
    mutating func step(for slot: Slot) -> Step {
        if slot.flags.contains(.managesLifetime) {
            // The first at once, the others one after the other.
            let delay = spread.time * spread.turn / spread.count
            spread.turn += 1
            return delay == 0 ? .tell : .wait(delay)
        }
        if slot.isQuiet { return .serve }
        // Its first request is on the way, as a rule.
        return slot.phase == .fresh || slot.phase == .freshWaitingForMemory ? .wait(Config.freshTimeout) : .leave
    }

    /// Milliseconds until connections that manage their lifetimes are to end, after ``begin(now:spreading:over:)``.
    func delay(at now: UInt64) -> Int {
        now >= spreadEnd ? 0 : Int(spreadEnd - now)
    }
}

extension Slot {
    /// Whether nothing is under way on the connection.
    var isQuiet: Bool {
        (phase == .idle || phase == .waitingForMemory) && input == nil && output == nil
            && !flags.contains(.managesLifetime)
    }
}
