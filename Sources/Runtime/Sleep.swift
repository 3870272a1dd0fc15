// Sources/Runtime/Sleep.swift — waiting for time to pass.

import Linux
import _Concurrency

/// Suspends the running task for at least `milliseconds`, or until it is cancelled. Call it on a worker.
///
/// Cost: no allocation if the task's frames have room, about 250 bytes of them.
///
/// - Returns: after the time has passed, plus up to 1 ms and the worker's other work. Earlier, and at once if the task
///   is cancelled already, when the task is cancelled: `Task.isCancelled` tells.
public func sleep(milliseconds: Int) async {
    // SAFETY: it ends below.
    guard milliseconds > 0, let sleeper = unsafe Sleeper.make() else { return }
    await Job.suspend { task in sleeper.schedule(task, for: milliseconds) }
    sleeper.end()
}

/// Suspends the running task for at least `duration`, as ``sleep(milliseconds:)`` does; less than a millisecond counts
/// as one.
///
/// - Throws: `CancellationError` if the task is cancelled before the time has passed, or was before.
public func sleep(for duration: Duration) async throws(CancellationError) {
    if duration > .zero {
        let (seconds, attoseconds) = duration.components
        // At most 35 million years.
        let whole = Swift.min(seconds, 1 << 50) * 1000
        let rest = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        await sleep(milliseconds: Int(whole + rest))
    }
    if Task.isCancelled { throw CancellationError() }
}
