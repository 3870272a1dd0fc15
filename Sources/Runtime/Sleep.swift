// Sources/Runtime/Sleep.swift — tasks that wait for time to pass.

import Linux
import Primitives
import _Concurrency

/// A task's entry in its worker's wheel.
@unsafe struct Sleeper {
    private var timer = TimerNode()
    private var continuation: UnsafeContinuation<Void, Never>

    /// Schedules the task that waits on `continuation`.
    static func schedule(_ continuation: UnsafeContinuation<Void, Never>, on worker: Worker, until deadline: UInt64) {
        let sleeper = UnsafeMutablePointer<Sleeper>.allocate(capacity: 1)
        unsafe sleeper.initialize(to: Sleeper(continuation: continuation))
        // SAFETY: the timer is the first field.
        let timer = unsafe UnsafeMutableRawPointer(sleeper).assumingMemoryBound(to: TimerNode.self)
        unsafe worker.sleepers.schedule(timer, at: deadline)
    }

    /// The time has come: called by the wheel.
    static func wake(_ timer: UnsafeMutablePointer<TimerNode>) {
        let sleeper = unsafe UnsafeMutableRawPointer(timer).assumingMemoryBound(to: Sleeper.self)
        let continuation = unsafe sleeper.pointee.continuation
        unsafe sleeper.deallocate()
        unsafe continuation.resume()
    }
}

/// Suspends the current task for at least `milliseconds`. Call it on a worker. Cost: one small allocation.
///
/// - Returns: after the time has passed, plus up to 1 ms and the worker's other work.
public func sleep(milliseconds: Int) async {
    guard milliseconds > 0, let worker = Worker.current else { return }
    // The clock has cut off up to a millisecond that has passed already.
    let deadline = Clock.monotonicMilliseconds + UInt64(milliseconds) + 1
    unsafe await withUnsafeContinuation { continuation in
        unsafe Sleeper.schedule(continuation, on: worker, until: deadline)
    }
}
