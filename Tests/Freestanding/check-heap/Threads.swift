// Tests/Freestanding/check-heap/Threads.swift — several threads that do the same.

import CheckSupport
import Linux
import Runtime

/// Runs `body` on `count` threads, each with a number of its own, and waits for them.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    var threads: [Thread] = []
    for number in 0..<count {
        let job = unsafe Unmanaged.passRetained(Job(number, body)).toOpaque()
        do throws(Errno) {
            // SAFETY: the thread takes the reference over.
            unsafe threads.append(
                try Thread.spawn("check-heap", argument: job) { job in
                    let job = unsafe Unmanaged<Job>.fromOpaque(job.unsafelyUnwrapped).takeRetainedValue()
                    job.body(job.number)
                })
        } catch {
            check(false, "a thread starts")
        }
    }
    for thread in threads { thread.join() }
}

private final class Job {
    let number: Int
    let body: @Sendable (Int) -> Void

    init(_ number: Int, _ body: @escaping @Sendable (Int) -> Void) {
        self.number = number
        self.body = body
    }
}
