// Sources/Runtime/ImmediateTask.swift — making a task without queueing it.

internal import CLinux
import _Concurrency

/// The compiler makes and queues a task in one step; between the two, the job passes this thread by, and can be kept.
public enum ImmediateTask {
    /// Makes a task whose home is this thread's worker, and which nobody has queued.
    ///
    /// - Returns: the task, with the reference that running it will give up: it has to be run some day.
    @unsafe public static func make(
        _ body: sending @escaping @isolated(any) () async -> Void
    ) -> UnsafeMutableRawPointer {
        let thread = unsafe linux_this_thread()
        unsafe thread.pointee.hold = UnsafeMutableRawPointer(thread)
        Task(operation: body)
        let task = unsafe thread.pointee.held.unsafelyUnwrapped
        unsafe thread.pointee.held = nil
        return unsafe task
    }

    /// Keeps `job` if this thread is in ``make(_:)``.
    @inline(__always)
    static func take(_ job: UnsafeMutableRawPointer) -> Bool {
        let thread = unsafe linux_this_thread()
        guard unsafe thread.pointee.hold != nil else { return false }
        unsafe thread.pointee.hold = nil
        unsafe thread.pointee.held = job
        return true
    }
}
