// Sources/Runtime/DescriptorSlot.swift — all that is kept of a descriptor while nothing happens on it.

import Linux
import Primitives

/// One open descriptor: a cache line in a flat table that the descriptor's number indexes.
///
/// An idle connection is this and nothing else: no task, no buffer. Only its worker touches it, but for the moment
/// before: whoever opens the descriptor fills the slot in and sends it to the worker's inbox, linked through the words
/// that are the timer's later.
///
///     0  timer: next, previous, deadline      24  generation   28  deadline in coarse ticks
///     32 input      40 output     48 server   56  state   58  worker   60  protocol
@unsafe public struct DescriptorSlot {
    /// In the worker's wheel; its first two words are the inbox's while the slot is sent to its worker.
    public var timer = unsafe TimerNode()
    /// Which use of the number this is. Events and handles of earlier uses are recognised by it.
    public var generation: UInt32 = 0
    /// When the connection has waited too long, in ticks of 2^`Config.deadlineTickShift` ms; 0: never. It is stored at
    /// every turn, and looked at when the timer in the wheel, which may be older, comes up.
    public var deadlineTick: UInt32 = 0
    /// Bytes that were received and not consumed, while nobody serves the connection; a block of Net's.
    public var input: UnsafeMutableRawPointer?
    /// Bytes that the kernel did not take yet; a block of Net's.
    public var output: UnsafeMutableRawPointer?
    /// Whoever serves the connection now; an object of Net's.
    public var server: UnsafeMutableRawPointer?
    /// What is known of the descriptor.
    public var state: DescriptorState = []
    /// The worker that owns it.
    public var worker: UInt16 = 0
    /// For the protocol on top.
    public var protocolState: UInt32 = 0

    /// A slot that was never used.
    public init() {}
}

/// What a worker knows of a descriptor. All 16 bits are in use.
@frozen public struct DescriptorState: OptionSet, Sendable {
    /// The bits.
    public let rawValue: UInt16

    /// The set of the bits `rawValue`.
    @inline(__always)
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    // MARK: What it is

    /// It is open, and this slot's.
    public static var open: DescriptorState { DescriptorState(rawValue: 1 << 0) }
    /// It is a connection, as opposed to what the runtime itself has open.
    public static var connection: DescriptorState { DescriptorState(rawValue: 1 << 1) }
    /// It accepts connections.
    public static var listener: DescriptorState { DescriptorState(rawValue: 1 << 2) }
    /// A listener's: its connections are for administration. A connection's: it came by such a one.
    public static var administration: DescriptorState { DescriptorState(rawValue: 1 << 3) }

    // MARK: Readiness

    /// Reading would not block, as far as is known: set by events, cleared by a short read.
    public static var readable: DescriptorState { DescriptorState(rawValue: 1 << 4) }
    /// Writing would not block, as far as is known: cleared by a partial write, set by events.
    public static var writable: DescriptorState { DescriptorState(rawValue: 1 << 5) }
    /// The peer sends no more after what can still be read.
    public static var peerClosed: DescriptorState { DescriptorState(rawValue: 1 << 6) }
    /// The reactor watches it.
    public static var registered: DescriptorState { DescriptorState(rawValue: 1 << 7) }

    // MARK: A connection's life

    /// Nothing has come from it yet.
    public static var fresh: DescriptorState { DescriptorState(rawValue: 1 << 8) }
    /// Its protocol wants to know when its deadline passes, when the process drains, and when it ends.
    public static var managesLifetime: DescriptorState { DescriptorState(rawValue: 1 << 9) }
    /// It has bytes to deal with as soon as there is memory for them.
    public static var paused: DescriptorState { DescriptorState(rawValue: 1 << 10) }
    /// It is closed as soon as its output is sent.
    public static var closing: DescriptorState { DescriptorState(rawValue: 1 << 11) }
    /// Its output is sent and ended; what the peer still sends is thrown away until it ends too.
    public static var lingering: DescriptorState { DescriptorState(rawValue: 1 << 12) }

    // MARK: Batches

    /// What it is sent waits in a batch.
    public static var batched: DescriptorState { DescriptorState(rawValue: 1 << 13) }
    /// A batch could not send to it: it is broken, and nobody has been told yet.
    public static var unsendable: DescriptorState { DescriptorState(rawValue: 1 << 14) }
    /// The last receive brought much.
    public static var verbose: DescriptorState { DescriptorState(rawValue: 1 << 15) }
}

/// A pointer to a slot.
public typealias SlotPointer = UnsafeMutablePointer<DescriptorSlot>

extension SlotPointer {
    /// The slot as an entry of an inbox, while it has no timer.
    var inboxNode: UnsafeMutablePointer<InboxNode> {
        // SAFETY: the timer's first 16 bytes are of no use before the slot is adopted.
        unsafe UnsafeMutableRawPointer(self).assumingMemoryBound(to: InboxNode.self)
    }

    /// The slot's timer, as the wheel knows it.
    @inline(__always)
    public var timerNode: UnsafeMutablePointer<TimerNode> {
        // SAFETY: it is the slot's first field.
        unsafe UnsafeMutableRawPointer(self).assumingMemoryBound(to: TimerNode.self)
    }
}
