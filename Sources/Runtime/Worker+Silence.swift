// Sources/Runtime/Worker+Silence.swift — workers that do not turn, since a task blocks them: as others see it.
// A file of its own, since this is what other threads may call.

import Bytes
import Linux
import Logging
import Primitives
import Synchronization

extension Worker {
    /// Whether the worker's loop has begun, and not ended. Relaxed: for assertions.
    var isRunning: Bool { turnedAt.load(ordering: .relaxed) != .max }

    /// Milliseconds since the worker has last turned; 0 if it sleeps, or does not run. Any thread.
    ///
    /// Relaxed: a guess that is wrong for a moment costs a connection or a task a detour.
    func silence(at time: UInt64) -> UInt64 {
        let turned = turnedAt.load(ordering: .relaxed)
        guard turned < time, !inbox.isOwnerAsleep else { return 0 }
        return time - turned
    }

    /// Whether the worker turns, or sleeps: whether it is right to send it a connection. The log names one that has
    /// been blocked for long. Any thread.
    ///
    /// - Parameter time: milliseconds of the monotonic clock.
    package func isTurning(at time: UInt64) -> Bool {
        let silence = silence(at: time)
        if silence >= UInt64(Config.blockedTime), !isNamed.exchange(true, ordering: .relaxed) {
            report(" blocked-for=", silence)
        }
        return silence < UInt64(Config.silentTime)
    }

    /// Looks whether other workers turn, and takes free tasks from those that do not. Its own thread only.
    @inline(never)
    func lookAround() {
        for other in 0..<Scheduler.workerCount where other != index {
            let worker = Scheduler.worker(other)
            if !worker.isTurning(at: now) { FreeTasks.rescue(from: worker, for: self) }
        }
    }

    /// The worker turns again, after so many milliseconds. Its own thread only.
    @inline(never)
    func wasBlocked(for milliseconds: UInt64) {
        if isNamed.exchange(false, ordering: .relaxed) {
            report(" turns-again-after=", milliseconds, .info)
        } else {
            report(" was-blocked-for=", milliseconds)
        }
    }

    private func report(_ what: StaticString, _ milliseconds: UInt64, _ level: LogLevel = .warning) {
        Log.write(.worker, level: level) { line in
            line.append(" worker=", index)
            line.append(what)
            line.append(decimal: Int(milliseconds))
            line.append("ms")
        }
    }
}
