// Sources/Runtime/RunQueue.swift — the tasks of one worker that can go on.

import Primitives

/// A FIFO of jobs, linked through the words that the task ABI leaves to the scheduler. One thread's own.
@safe struct RunQueue {
    private var first: UnsafeMutablePointer<InboxNode>?
    private var last: UnsafeMutablePointer<InboxNode>?

    var isEmpty: Bool { unsafe first == nil }

    /// Puts `node`, which is in no queue, at the end.
    @inline(__always)
    mutating func append(_ node: UnsafeMutablePointer<InboxNode>) {
        unsafe node.pointee.next = nil
        if let last = unsafe last { unsafe last.pointee.next = node } else { unsafe first = node }
        unsafe last = node
    }

    /// Takes the oldest node.
    @inline(__always)
    mutating func popFirst() -> UnsafeMutablePointer<InboxNode>? {
        guard let node = unsafe first else { return nil }
        unsafe first = node.pointee.next
        if unsafe first == nil { unsafe last = nil }
        return unsafe node
    }
}
