// Sources/Runtime/InboxEntry.swift — what a worker is sent.

import Primitives

/// An entry of a worker's inbox, after it was drained.
///
/// - Invariant: the node is inside what ``kind`` says: a job, a slot, or a message's own; and it is the worker's since
///   the drain that it came from. ``take()`` consumes it, so that the compiler refuses a second time.
@safe struct InboxEntry: ~Copyable {
    private let node: UnsafeMutablePointer<InboxNode>

    /// What an entry is.
    enum Kind {
        /// A task or another job: the two words that the task ABI leaves to the scheduler.
        static var job: UInt { 0 }
        /// A slot.
        static var descriptor: UInt { 1 }
        /// A task that sleeps, and was cancelled.
        static var sleeper: UInt { 2 }
        /// The first kind that is free for the layers above.
        static var custom: UInt { 16 }
    }

    /// What an entry holds.
    enum Content {
        case job(Job)
        case descriptor(Slot)
        case sleeper(Sleeper)
        case message(UInt)
    }

    /// The entry that `node` is: of what a drain returned.
    @inline(__always)
    @unsafe init(_ node: UnsafeMutablePointer<InboxNode>) { unsafe self.node = node }

    /// The entry behind this one. Ask before ``take()``.
    @inline(__always)
    var next: InboxEntry? { unsafe node.pointee.next.map { unsafe InboxEntry($0) } }

    /// Takes what the entry holds; a message's memory is freed.
    @inline(__always)
    consuming func take() -> Content {
        let kind = unsafe node.pointee.kind
        switch kind {
        case Kind.job: return .job(unsafe Job(node: node))
        case Kind.descriptor: return .descriptor(unsafe Slot(received: node))
        case Kind.sleeper: return .sleeper(unsafe Sleeper(received: node))
        default:
            unsafe node.deallocate()
            return .message(kind - Kind.custom)
        }
    }
}
