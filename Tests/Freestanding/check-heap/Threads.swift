// Tests/Freestanding/check-heap/Threads.swift — several threads that do the same.

import CheckSupport
import Linux
import Runtime

/// Runs `body` on `count` threads, each with a number of its own, and waits for them.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    var threads: [Thread] = []
    for number in 0..<count {
        do throws(Errno) {
            threads.append(try Thread.spawn("check-heap") { body(number) })
        } catch {
            check(false, "a thread starts")
        }
    }
    for thread in threads { thread.join() }
}
