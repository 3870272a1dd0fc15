// Tests/Freestanding/check-heap/Limits.swift — large blocks, changing sizes, and the limit.

import CheckSupport
import Primitives
import Runtime

/// Blocks that are mappings of their own; they grow and shrink, and keep what they hold.
func checkLargeBlocks() {
    unsafe currentHeap.pointee.trim()
    let before = HeapBudget.mappedBytes
    for count in [65_537, 100_000, 1 << 20, 50_000_001] {
        let block = Block(count, seed: count)
        check(HeapBudget.largeBlocks == 1, "a large block counts")
        check(HeapBudget.mappedBytes >= before + count, "a large block is charged")
        var place = unsafe block.start
        for size in [2 * count, 70_000, 100, 9_000, 3 * count] {
            let moved = unsafe currentHeap.pointee.reallocate(place, to: size)
            check(unsafe moved != nil, "a block can be changed in size")
            unsafe place = moved.unsafelyUnwrapped
            unsafe block.verify(at: place, "what fits is kept", limit: 100)
        }
        unsafe Heap.free(place, from: currentHeap)
    }
    unsafe currentHeap.pointee.trim()
    check(HeapBudget.largeBlocks == 0 && HeapBudget.mappedBytes == before, "large blocks are given back")
    check(unsafe currentHeap.pointee.allocate(1 << 60) == nil, "what no machine has is refused")
}

/// At the limit there is nil, for small blocks and large ones; Swift's own objects may go beyond; what is freed is
/// there again.
func checkLimit() {
    unsafe currentHeap.pointee.trim()
    let limit = HeapBudget.limit
    let room = 4 << 20
    for size in [16, 100, 8000, 40_000, 300_000] {
        let before = HeapBudget.mappedBytes
        HeapBudget.limit = before + room
        let first = Pile(of: size)
        check(HeapBudget.mappedBytes <= HeapBudget.limit, "the limit holds")
        check(first.count * size > room / 2, "memory up to the limit is there")
        check(unsafe currentHeap.pointee.allocate(size) == nil, "at the limit there is nil")
        let object = Holder()
        check(object.values.count == 100_000, "a Swift object is made even at the limit")
        first.freeAll()
        unsafe currentHeap.pointee.trim()
        let second = Pile(of: size)
        check(second.count * size > room / 2 - (1 << 20), "what was freed is there again")
        second.freeAll()
        HeapBudget.limit = limit
    }
    unsafe currentHeap.pointee.trim()
}

private final class Holder {
    let values = [Int](repeating: 1, count: 100_000)
}

/// All blocks of a size that can be had, linked.
@safe private struct Pile {
    private var newest: UnsafeMutableRawPointer?
    private(set) var count = 0

    init(of size: Int) {
        while let block = unsafe currentHeap.pointee.allocate(size) {
            unsafe block.storeBytes(of: newest, as: UnsafeMutableRawPointer?.self)
            unsafe newest = block
            count += 1
        }
    }

    func freeAll() {
        var rest = unsafe newest
        while let block = unsafe rest {
            unsafe rest = block.load(as: UnsafeMutableRawPointer?.self)
            unsafe Heap.free(block, from: currentHeap)
        }
    }
}
