// Sources/Primitives/TimerWheel.swift — hierarchical timing wheel: any number of deadlines at constant cost.

import Bytes
import Linux

/// One timer of a ``TimerWheel``: a link in the list of its bucket. 24 bytes; the wheel allocates nothing.
///
/// - Invariant: ``TimerWheel`` alone stores its links, and follows those of a node that it holds. A copy of a scheduled
///   node is a value like any other; ``TimerWheel/schedule(_:at:)`` takes none that is scheduled (debug builds trap).
@safe package struct TimerNode {
    /// The next timer of the same bucket.
    var next: UnsafeMutablePointer<TimerNode>?
    /// The pointer that points at this node: the bucket's head, or `next` of the node before it. Nil: not scheduled.
    /// With it, a node leaves its list without knowing which list that is.
    var previous: UnsafeMutablePointer<UnsafeMutablePointer<TimerNode>?>?
    /// When it expires, in milliseconds of the wheel's clock; the next tick if it was scheduled for a time in the past.
    package internal(set) var deadline: UInt64 = 0

    /// A timer that is not scheduled.
    @inline(__always)
    package init() {
        unsafe next = nil
        unsafe previous = nil
    }

    /// Whether it is in a wheel.
    @inline(__always)
    package var isScheduled: Bool { unsafe previous != nil }
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

/// The timers of one worker. Scheduling and cancelling cost the same however many there are.
///
/// Algorithm: hierarchical timing wheels (G. Varghese, T. Lauck, *Hashed and Hierarchical Timing Wheels*, SOSP 1987),
/// scheme 7, with a bitmap of occupied buckets at each level so that empty time is skipped:
///
///     level 0   64 buckets of 1 tick          due in less than 64 ticks
///     level 1   64 buckets of 64 ticks        less than 4096
///     level 2   64 buckets of 4096 ticks      less than 262 144
///     level 3   64 buckets of 262 144 ticks   less than 16 777 216, the horizon
///
/// When time enters a bucket of a higher level, its timers move to lower ones; those of level 0 expire. A deadline
/// beyond the horizon waits in the farthest bucket and is placed anew from there. A tick is 2^`tickShift` ms. A timer
/// never expires before its deadline; it expires at most one tick after it if ``advance(to:_:)`` is called in time.
///
/// One thread only. Nodes belong to the caller, which keeps them in place while they are scheduled.
///
/// - Invariant: `heads` and `state` lie in one page of this value's own; each node in a list is in no other and stays
///   in place, as those promise that schedule it.
@safe public struct TimerWheel: ~Copyable {
    /// A tick is 2^`tickShift` milliseconds.
    package let tickShift: UInt64
    /// Everything that changes lives behind a pointer: callbacks of ``advance(to:_:)`` change the wheel while it runs.
    private let state: UnsafeMutablePointer<State>
    private let heads: UnsafeMutablePointer<UnsafeMutablePointer<TimerNode>?>

    private struct State {
        /// The last tick that is fully done.
        var now: UInt64
        /// The tick up to which an `advance` in progress goes; else `now`. New timers come after it.
        var target: UInt64
        /// Bit b of level l: bucket b may hold timers. A set bit may be wrong, a clear one is not.
        var occupied: [4 of UInt64]
        /// No bucket has to be looked at before this tick.
        var nextLook = UInt64.max
        /// The answer of ``TimerWheel/nextDeadline``, `.max` for nil; 0: it has to be found out.
        var knownDeadline: UInt64 = 0
    }

    private static var levels: Int { 4 }
    private static var horizon: UInt64 { 1 << 24 }
    private static var headBytes: Int { unsafe levels * 64 * MemoryLayout<UnsafeMutablePointer<TimerNode>?>.stride }

    /// An empty wheel whose clock stands at `now` milliseconds. Maps one page.
    package init(tickShift: UInt64, now: UInt64) throws(Errno) {
        self.tickShift = tickShift
        let page = unsafe try Memory.map(Memory.pageSize)
        let tick = now >> tickShift
        // SAFETY: 256 heads (2 KiB; zeros are nil) and the state after them fit into the page, which is ours alone.
        unsafe heads = page.assumingMemoryBound(to: UnsafeMutablePointer<TimerNode>?.self)
        unsafe state = (page + Self.headBytes).bindMemory(to: State.self, capacity: 1)
        unsafe state.initialize(to: State(now: tick, target: tick, occupied: .init(repeating: 0)))
    }

    deinit {
        unsafe Memory.unmap(heads, Memory.pageSize)
    }

    /// Schedules `node` to expire at `deadline` milliseconds; one in the past expires in the next ``advance(to:_:)``
    /// that reaches a new tick.
    ///
    /// - Safety: the node is not scheduled, and stays in place until it has expired or was cancelled.
    @inline(__always)
    @unsafe package func schedule(_ node: UnsafeMutablePointer<TimerNode>, at deadline: UInt64) {
        unsafe assert(!node.pointee.isScheduled, "a timer is in one bucket at a time")
        // A past deadline becomes the next tick for good, or a bucket that is spread during this `advance` would forget
        // it.
        let next = unsafe state.pointee.target + 1
        let due = max(dueTick(deadline), next)
        unsafe node.pointee.deadline = due > dueTick(deadline) ? due << tickShift : deadline
        unsafe place(node, due: due)
        // An answer that is not known (0) stays so.
        unsafe state.pointee.knownDeadline = min(state.pointee.knownDeadline, due << tickShift)
    }

    /// Takes `node` out of this wheel, if it is in it. The bucket's bit stays set until the next look.
    ///
    /// - Safety: the node is valid, and so are its neighbours; it is in this wheel or in none.
    @inline(__always)
    @unsafe package func cancel(_ node: UnsafeMutablePointer<TimerNode>) {
        unsafe node.unlink()
        unsafe state.pointee.knownDeadline = 0
    }

    /// Schedules `node` anew, if it is in this wheel, or for the first time.
    ///
    /// - Safety: as for ``cancel(_:)`` and ``schedule(_:at:)``.
    @inline(__always)
    @unsafe package func reschedule(_ node: UnsafeMutablePointer<TimerNode>, at deadline: UInt64) {
        unsafe cancel(node)
        unsafe schedule(node, at: deadline)
    }

    /// Moves the clock to `now` milliseconds and hands each expired timer, no longer scheduled, to `expired`, tick by
    /// tick.
    ///
    /// The callback may schedule and cancel any timer, and free the one it was given. What it schedules for a time that
    /// has already come expires in the next call. A clock that stands still or goes back does nothing.
    /// Cost: two comparisons if no bucket's tick has come; else by the timers that expire or move, not by the ticks.
    @inline(__always)
    package func advance(to now: UInt64, _ expired: (UnsafeMutablePointer<TimerNode>) -> Void) {
        let target = now >> tickShift
        guard unsafe target > state.pointee.now else { return }
        unsafe state.pointee.target = target
        if unsafe target >= state.pointee.nextLook { unsafe expire(to: target, expired) }
        unsafe state.pointee.now = target
    }

    /// ``advance(to:_:)`` where a bucket's tick may have come.
    private func expire(to target: UInt64, _ expired: (UnsafeMutablePointer<TimerNode>) -> Void) {
        var tick = nextEvent()
        while tick <= target {
            unsafe state.pointee.now = tick
            cascade(tick)
            // SAFETY: each turn takes the first node out, and looks at the head anew after the callback.
            let head = unsafe heads + Int(tick & 63)
            while let node = unsafe head.pointee {
                unsafe node.unlink()
                unsafe expired(node)
            }
            tick = nextEvent()
        }
        unsafe state.pointee.nextLook = tick
        unsafe state.pointee.knownDeadline = 0
    }

    /// When to call ``advance(to:_:)`` next, in milliseconds; nil without a timer.
    ///
    /// Exact if the next bucket in question holds few timers (`Config.timerScanLimit`); else it may be the moment at
    /// which that bucket has to be spread over a lower level, which is earlier than its first deadline.
    /// Cost: a comparison, if no timer has expired or was cancelled since the last time.
    @inline(__always)
    package var nextDeadline: UInt64? {
        if unsafe state.pointee.knownDeadline == 0 { unsafe state.pointee.knownDeadline = findDeadline() ?? .max }
        return unsafe state.pointee.knownDeadline == .max ? nil : state.pointee.knownDeadline
    }

    @inline(never)
    private func findDeadline() -> UInt64? {
        var best: UInt64? = nil
        for level in 0..<Self.levels {
            guard let bucket = firstBucket(level) else { continue }
            if let known = best, bucket.start >= known { continue }
            let tick = level == 0 ? bucket.start : earliest(in: bucket, level)
            best = min(best ?? tick, tick)
        }
        guard let best else { return nil }
        return best << tickShift
    }
}

extension TimerWheel {
    private struct Bucket {
        /// 0..<256, of all levels.
        var index: Int
        /// The tick at which time enters it.
        var start: UInt64
    }

    /// The first tick at or after `deadline`.
    @inline(__always)
    private func dueTick(_ deadline: UInt64) -> UInt64 {
        let tick = deadline >> tickShift
        return tick << tickShift == deadline ? tick : tick + 1
    }

    /// Puts `node` into the bucket of the tick `due`, not before `now`.
    private func place(_ node: UnsafeMutablePointer<TimerNode>, due: UInt64) {
        let now = unsafe state.pointee.now
        let reachable = min(due, now + Self.horizon - 1)
        // The level is given by the highest of the four 6-bit digits of the distance that is not 0.
        let level = (63 - ((reachable - now) | 1).leadingZeroBitCount) / 6
        let shift = UInt64(level * 6)
        let bucket = Int(truncatingIfNeeded: reachable >> shift) & 63
        // SAFETY: level 0...3 and bucket 0...63.
        unsafe state.pointee.occupied[level] |= 1 << UInt64(bucket)
        unsafe state.pointee.nextLook = min(state.pointee.nextLook, (reachable >> shift) << shift)
        unsafe node.link(into: heads + (level * 64 + bucket))
    }

    /// The first bucket of `level` that time enters after `now` and that holds a timer. Clears bits that are wrong.
    private func firstBucket(_ level: Int) -> Bucket? {
        let shift = UInt64(level * 6)
        let position = unsafe state.pointee.now >> shift
        while true {
            let occupied = unsafe state.pointee.occupied[level]
            guard occupied != 0 else { return nil }
            // Bit 0 of the rotated bitmap is the bucket after the present one; bit 63 the present one, a whole lap
            // away.
            let rotation = (position + 1) & 63
            let rotated = occupied >> rotation | occupied << ((64 - rotation) & 63)
            let start = position + 1 + UInt64(rotated.trailingZeroBitCount)
            let bucket = Int(truncatingIfNeeded: start & 63)
            if unsafe heads[level * 64 + bucket] != nil {
                return Bucket(index: level * 64 + bucket, start: start << shift)
            }
            unsafe state.pointee.occupied[level] &= ~(1 << UInt64(bucket))
        }
    }

    /// The next tick at which a bucket has to be looked at; `.max` if there is none.
    private func nextEvent() -> UInt64 {
        var best = UInt64.max
        for level in 0..<Self.levels {
            if let bucket = firstBucket(level) { best = min(best, bucket.start) }
        }
        return best
    }

    /// Moves the timers of all higher buckets that time enters at `tick` to where they belong now; highest first, since
    /// what leaves one may belong into the next lower one.
    private func cascade(_ tick: UInt64) {
        var level = Self.levels - 1
        while level > 0 {
            let shift = UInt64(level * 6)
            if tick & ((1 << shift) - 1) == 0 {
                let bucket = Int(truncatingIfNeeded: tick >> shift) & 63
                let head = unsafe heads + (level * 64 + bucket)
                // A timer beyond the horizon may fall into this very bucket again: take the list away first.
                var list = unsafe head.pointee
                unsafe head.pointee = nil
                unsafe state.pointee.occupied[level] &= ~(1 << UInt64(bucket))
                while let node = unsafe list {
                    unsafe list = node.pointee.next
                    unsafe place(node, due: max(dueTick(node.pointee.deadline), tick))
                }
            }
            level -= 1
        }
    }

    /// The first due tick in `bucket` if it holds few timers, else its start.
    private func earliest(in bucket: Bucket, _ level: Int) -> UInt64 {
        // A timer beyond the horizon is due after the bucket's end; time has to enter the bucket nevertheless.
        var best = bucket.start + (1 << UInt64(level * 6)) - 1
        var node = unsafe heads[bucket.index]
        for _ in 0..<Config.timerScanLimit {
            guard let current = unsafe node else { return best }
            best = min(best, max(dueTick(unsafe current.pointee.deadline), bucket.start))
            unsafe node = current.pointee.next
        }
        return unsafe node == nil ? best : bucket.start
    }
}
