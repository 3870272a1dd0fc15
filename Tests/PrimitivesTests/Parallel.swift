// Tests/PrimitivesTests/Parallel.swift — real threads.

import Foundation

/// Runs `body` on `count` threads at once and waits for all of them.
func inParallel(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let group = DispatchGroup()
    for index in 0..<count {
        group.enter()
        let thread = Thread {
            body(index)
            group.leave()
        }
        thread.start()
    }
    group.wait()
}

/// Lets a test hand a pointer or a structure without locks to its threads: that this is sound is what is being tested.
final class Shared<Value: ~Copyable>: @unchecked Sendable {
    var value: Value
    init(_ value: consuming Value) { self.value = value }
}
