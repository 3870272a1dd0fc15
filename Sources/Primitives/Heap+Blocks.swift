// Sources/Primitives/Heap+Blocks.swift — the sizes of blocks, changing them, and what a heap holds.

/// What a heap holds at one moment.
public struct HeapStatistics: Equatable, Sendable {
    /// Bytes in blocks that are in use or in the mailbox, rounded up to their classes. Without large blocks.
    public var bytesInUse = 0
    /// Bytes mapped in segments.
    public var mappedBytes = 0
    /// Segments mapped.
    public var segments = 0
    /// Blocks that other threads freed, since the heap was made.
    public var remoteFrees = 0
}

extension Heap {
    /// How many bytes the block at `pointer` really holds, at least as many as were asked for. Any thread that may use
    /// the block.
    @unsafe public static func usableSize(_ pointer: UnsafeMutableRawPointer) -> Int {
        let segment = unsafe UnsafeMutablePointer<Segment>(containing: pointer)
        guard unsafe segment.origin.pointee.heap != nil else { return unsafe LargeBlock.usableSize(pointer) }
        // SAFETY: a slab's block size does not change while one of its blocks is in use.
        return unsafe Int(segment.slab(containing: pointer).pointee.blockSize)
    }

    /// Changes the size of a block, which keeps its content up to the smaller size. Owner only; the block may be of any
    /// heap. Cost: none if it fits and is not far too large; large blocks move by pages, others are copied.
    ///
    /// - Returns: where it is now, at a multiple of 16; nil at the limit: the block is then as it was.
    @unsafe public mutating func reallocate(
        _ pointer: UnsafeMutableRawPointer, to byteCount: Int
    ) -> UnsafeMutableRawPointer? {
        let usable = unsafe Self.usableSize(pointer)
        if byteCount <= usable && byteCount >= usable / 2 { return unsafe pointer }
        let isLarge = unsafe UnsafeMutablePointer<Segment>(containing: pointer).origin.pointee.heap == nil
        if isLarge && byteCount > HeapLayout.largestRun {
            return unsafe LargeBlock.resize(pointer, to: byteCount)
        }
        guard let moved = unsafe allocate(byteCount) else { return nil }
        unsafe moved.copyMemory(from: pointer, byteCount: min(usable, byteCount))
        unsafe Self.free(pointer, from: mailbox.pointee.heap)
        return unsafe moved
    }

    /// What the heap holds. Owner only. Cost: by the number of slabs.
    public var statistics: HeapStatistics {
        var result = HeapStatistics()
        result.remoteFrees = remoteFrees
        add(open, to: &result)
        add(full, to: &result)
        return result
    }

    private func add(_ list: IntrusiveList<Segment>, to result: inout HeapStatistics) {
        var candidate = unsafe list.first
        while let segment = unsafe candidate {
            result.segments += 1
            result.mappedBytes += HeapLayout.segmentSize
            for index in 0..<HeapLayout.slabsPerSegment {
                // A descriptor that was never used, or is inside a run, is zeros or says that nothing is in use.
                let slab = unsafe segment.slab(index)
                unsafe result.bytesInUse += Int(slab.pointee.used) * Int(slab.pointee.blockSize)
            }
            unsafe candidate = segment.pointee.next
        }
    }
}
