// Sources/Primitives/SlotHandle.swift — names one use of one slot.

/// Names one use of a slot in a ``SlotTable``. A handle of an earlier use is *stale*; every operation detects that.
///
/// A generation returns after 2³² − 1 uses of the same slot: a handle kept for that long could be mistaken. At a
/// million uses a second of one slot that is more than an hour; drop a handle long before that.
@frozen public struct SlotHandle: Equatable, BitwiseCopyable, Sendable {
    /// Which slot.
    public var index: UInt32
    /// Which use of it; never 0.
    public var generation: UInt32

    /// The handle of that use of that slot.
    @inline(__always)
    public init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    /// The handle of ``rawValue``.
    @inline(__always)
    public init(rawValue: UInt64) {
        index = UInt32(truncatingIfNeeded: rawValue)
        generation = UInt32(truncatingIfNeeded: rawValue >> 32)
    }

    /// Both in one word (`epoll_event.data`, say), the generation above. Never 0: that can stand for "no handle".
    @inline(__always)
    public var rawValue: UInt64 { UInt64(generation) << 32 | UInt64(index) }
}

/// Result of ``SlotTable/compareExchangeState(_:from:to:)``.
@frozen public enum SlotExchange: Equatable, Sendable {
    /// The state was as expected, and is now the new one.
    case ok
    /// The slot is free or in another use.
    case stale
    /// The slot is in this other state, and unchanged.
    case current(UInt32)
}
