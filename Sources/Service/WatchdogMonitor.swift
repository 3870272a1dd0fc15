// Sources/Service/WatchdogMonitor.swift — whether the workers still answer, for the supervisor's watchdog.

import Bytes
import Linux
import Logging
import Runtime

/// Asks all workers twice in each of the watchdog's intervals, and says that the process is alive only if all have
/// answered since.
///
///             all have answered: alive()          one has not
///     ┌────────┐ ◀───────┐        ┌────────┐ ─────────────────────────▶ ┌────────┐ not half an interval later either,
///     │ asking │ ────────┘        │ asking │                            │ silent │ and it does not even run:
///     └────────┘  ask again       └────────┘ ◀───────────────────────── └────────┘ deadlocked()
///                                            it answers: alive() at once
struct WatchdogMonitor {
    /// Time between two looks, in ms.
    private let period: UInt64
    private var next: UInt64
    private var silent: Int?
    /// When the silent worker was looked at closely, and its processor time then.
    private var since: UInt64 = 0
    private var processorTime: UInt64 = 0
    private var isStuck = false

    /// A watch for a supervisor that wants a sign of life every `interval` ms.
    init(interval: Int) {
        period = UInt64(Swift.max(interval / 2, 1))
        next = Clock.monotonicMilliseconds + period
        Scheduler.askHeartbeat()
    }

    /// Looks, if it is time to. Returns ms until the next look.
    mutating func look(_ supervisor: borrowing Supervisor) -> Int {
        let now = Clock.monotonicMilliseconds
        guard now >= next else { return Int(next - now) }
        next = now + period
        if let worker = Scheduler.firstSilentWorker {
            isSilent(worker, now, supervisor)
            // The sign of life is overdue: it is given as soon as the worker answers.
            next = now + Swift.max(period / Config.looksAtSilence, 1)
        } else {
            if let worker = silent { report(worker, " answers again") }
            silent = nil
            isStuck = false
            supervisor.alive()
            Scheduler.askHeartbeat()
        }
        return Int(next - now)
    }

    private mutating func isSilent(_ worker: Int, _ now: UInt64, _ supervisor: borrowing Supervisor) {
        if silent == worker, now - since < period { return }
        let time = Runtime.processorTime(ofWorker: worker)
        defer {
            since = now
            processorTime = time
        }
        guard silent == worker else {
            silent = worker
            report(worker, " does not answer; no more signs of life until it does")
            return say(worker, supervisor)
        }
        // A whole period, and without having run in it: it waits for something that will not come.
        guard time == processorTime, !isStuck else { return }
        isStuck = true
        report(worker, " is stuck")
        supervisor.deadlocked()
    }

    private func say(_ worker: Int, _ supervisor: borrowing Supervisor) {
        var text: [64 of UInt8] = .init(repeating: 0)
        let length = text.write { line in
            line.append("worker ", worker)
            line.append(" does not answer")
        }
        supervisor.status(text.span.extracting(first: length))
    }

    private func report(_ worker: Int, _ what: StaticString) {
        Log.write(event: .watchdog, level: .error) { line in
            line.append(" worker=", worker)
            line.append(what)
        }
    }
}
