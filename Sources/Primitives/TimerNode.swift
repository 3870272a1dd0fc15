// Sources/Primitives/TimerNode.swift — one deadline, embedded in the object that waits for it.

/// One timer of a ``TimerWheel``: a link in the list of its bucket. 24 bytes; the wheel allocates nothing.
@unsafe public struct TimerNode {
    /// The next timer of the same bucket.
    var next: UnsafeMutablePointer<TimerNode>?
    /// The pointer that points at this node: the bucket's head, or `next` of the node before it. Nil: not scheduled.
    /// With it, a node leaves its list without knowing which list that is.
    var previous: UnsafeMutablePointer<UnsafeMutablePointer<TimerNode>?>?
    /// When it expires, in milliseconds of the wheel's clock; the next tick if it was scheduled for a time in the past.
    public internal(set) var deadline: UInt64 = 0

    /// A timer that is not scheduled.
    @inline(__always)
    public init() {
        unsafe next = nil
        unsafe previous = nil
    }

    /// Whether it is in a wheel.
    @inline(__always)
    public var isScheduled: Bool { unsafe previous != nil }
}

extension UnsafeMutablePointer<TimerNode> {
    /// Puts the node first in the list that `head` points at. It is in no list.
    @inline(__always)
    func link(into head: UnsafeMutablePointer<UnsafeMutablePointer<TimerNode>?>) {
        let following = unsafe head.pointee
        unsafe pointee.next = following
        unsafe pointee.previous = head
        if let following = unsafe following {
            // SAFETY: `next` is the first field of the node, so its address is the node's.
            unsafe following.pointee.previous = nextField
        }
        unsafe head.pointee = self
    }

    /// Takes the node out of its list, if it is in one.
    @inline(__always)
    func unlink() {
        guard let previous = unsafe pointee.previous else { return }
        let following = unsafe pointee.next
        unsafe previous.pointee = following
        if let following = unsafe following { unsafe following.pointee.previous = previous }
        unsafe pointee.previous = nil
    }

    private var nextField: UnsafeMutablePointer<UnsafeMutablePointer<TimerNode>?> {
        unsafe UnsafeMutableRawPointer(self).assumingMemoryBound(to: UnsafeMutablePointer<TimerNode>?.self)
    }
}
