// Sources/Primitives/Heap+Segments.swift — where a heap gets its slabs and returns them.
// A file of its own since none of it is on the way of an allocation from a slab that has room.

import Linux

extension Heap {
    /// Makes a heap for the calling thread: one whose thread has ended if there is one, else in a new segment.
    ///
    /// Touches one page.
    ///
    /// - Throws: `.noMemory` when the kernel refuses; the limit of ``HeapBudget`` does not count.
    @unsafe package static func make() throws(Errno) -> UnsafeMutablePointer<Heap> {
        if let heap = unsafe HeapMailbox.adopt() { return unsafe heap }
        let start = unsafe try Segment.map()
        _ = HeapBudget.charge(HeapLayout.segmentSize, mayExceedLimit: true)
        // SAFETY: the header page is ours; the three parts do not overlap (a test holds that).
        let heap = unsafe (start + HeapLayout.heapOffset).bindMemory(to: Heap.self, capacity: 1)
        let mailbox = unsafe (start + HeapLayout.mailboxOffset).bindMemory(to: HeapMailbox.self, capacity: 1)
        unsafe mailbox.initialize(to: HeapMailbox(of: heap))
        unsafe heap.initialize(to: Heap(mailbox: mailbox))
        unsafe heap.pointee.open.insertFirst(newSegment(start, owner: heap, mailbox))
        return unsafe heap
    }

    /// Gives up a heap whose thread ends. Its blocks stay valid and may still be freed; they go to the thread that gets
    /// the heap from ``make()`` next.
    ///
    /// - Safety: no call on `heap` follows but ``free(_:from:)`` for its blocks.
    @unsafe package static func abandon(_ heap: UnsafeMutablePointer<Heap>) {
        unsafe heap.pointee.trim()
        unsafe HeapMailbox.abandon(heap.pointee.mailbox)
    }

    private static func newSegment(
        _ start: UnsafeMutableRawPointer, owner: UnsafeMutablePointer<Heap>,
        _ mailbox: UnsafeMutablePointer<HeapMailbox>
    ) -> UnsafeMutablePointer<Segment> {
        let segment = unsafe start.bindMemory(to: Segment.self, capacity: 1)
        unsafe (start + HeapLayout.originOffset).initializeMemory(
            as: BlockOrigin.self, to: BlockOrigin(heap: owner, mailbox: mailbox))
        unsafe segment.initialize(to: Segment())
        return unsafe segment
    }

    /// Takes slabs with `take` from the first segment that has what it looks for, or from a new one.
    mutating func takeSlabs(
        _ mayExceedLimit: Bool, _ take: (UnsafeMutablePointer<Segment>) -> Int?
    ) -> (UnsafeMutablePointer<Segment>, Int)? {
        var candidate = unsafe open.first
        while let segment = unsafe candidate {
            let wasSpare = unsafe segment.isEmpty && !segment.isHome
            if let index = unsafe take(segment) {
                if wasSpare { emptySegments -= 1 }
                unsafe moveIfFull(segment)
                return unsafe (segment, index)
            }
            unsafe candidate = segment.pointee.next
        }
        guard let segment = unsafe mapSegment(mayExceedLimit), let index = unsafe take(segment) else { return nil }
        return unsafe (segment, index)
    }

    private mutating func mapSegment(_ mayExceedLimit: Bool) -> UnsafeMutablePointer<Segment>? {
        guard HeapBudget.charge(HeapLayout.segmentSize, mayExceedLimit: mayExceedLimit) else { return nil }
        do throws(Errno) {
            let start = unsafe try Segment.map()
            let segment = unsafe Self.newSegment(start, owner: mailbox.pointee.heap, mailbox)
            unsafe open.insertFirst(segment)
            return unsafe segment
        } catch {
            HeapBudget.refund(HeapLayout.segmentSize)
            return nil
        }
    }

    private mutating func moveIfFull(_ segment: UnsafeMutablePointer<Segment>) {
        guard unsafe segment.pointee.freeSlabs == 0 else { return }
        unsafe open.remove(segment)
        unsafe full.insertFirst(segment)
    }

    /// Returns the `count` slabs from `slab` on to their segment. The second segment that becomes empty is unmapped:
    /// one is kept, so that a single slab at the edge does not map and unmap a segment each time.
    mutating func release(_ slab: UnsafeMutablePointer<Slab>, _ count: Int, _ segment: UnsafeMutablePointer<Segment>) {
        let wasFull = unsafe segment.pointee.freeSlabs == 0
        let index = unsafe slab - segment.slab(0)
        unsafe slab.pointee.used = 0
        unsafe segment.mark(index, count, isFree: true)
        if wasFull {
            unsafe full.remove(segment)
            unsafe open.insertFirst(segment)
        }
        guard unsafe segment.isEmpty && !segment.isHome else { return }
        if emptySegments >= 1 {
            unsafe unmap(segment)
        } else {
            emptySegments += 1
        }
    }

    private mutating func unmap(_ segment: UnsafeMutablePointer<Segment>) {
        unsafe open.remove(segment)
        // SAFETY: no block of it is in use, so no code has an address within it.
        unsafe Memory.unmap(segment, HeapLayout.segmentSize)
        HeapBudget.refund(HeapLayout.segmentSize)
    }

    /// Unmaps the empty segments, and takes the pages of other free slabs out of memory.
    mutating func trimSegments() {
        var candidate = unsafe open.first
        while let segment = unsafe candidate {
            unsafe candidate = segment.pointee.next
            if unsafe segment.isEmpty && !segment.isHome {
                unsafe unmap(segment)
            } else {
                unsafe segment.discardFreeSlabs()
            }
        }
        emptySegments = 0
    }
}
