// Tests/Freestanding/check-heap/Blocks.swift — blocks of all sizes and alignments, each with a content of its own.

import CheckSupport
import Primitives
import Runtime

/// A block and what was written to it.
@safe struct Block {
    let start: UnsafeMutableRawPointer
    let count: Int
    let seed: UInt8

    /// Allocates `count` bytes on the calling thread's heap, and fills them.
    init(_ count: Int, alignment: Int = 16, seed: Int) {
        let memory = unsafe currentHeap.pointee.allocate(count, alignment: alignment)
        check(unsafe memory != nil, "memory is there")
        unsafe start = memory.unsafelyUnwrapped
        self.count = count
        self.seed = UInt8(truncatingIfNeeded: seed)
        check(UInt(bitPattern: unsafe start) % UInt(max(alignment, 16)) == 0, "a block is aligned")
        check(unsafe Heap.usableSize(start) >= count, "a block is as large as was asked for")
        write()
    }

    /// The bytes that are written and read: all of small blocks, and of large ones both ends and one in each page.
    private func forEachPlace(_ body: (Int) -> Void) {
        var place = 0
        while place < count {
            body(place)
            place += place < 512 || count - place <= 512 ? 1 : min(4096, count - place - 512)
        }
    }

    private func write() {
        forEachPlace { place in
            unsafe start.storeBytes(of: seed &+ UInt8(truncatingIfNeeded: place), toByteOffset: place, as: UInt8.self)
        }
    }

    /// Checks the first `limit` bytes.
    func verify(at start: UnsafeMutableRawPointer, _ claim: StaticString, limit: Int = .max) {
        forEachPlace { place in
            guard place < limit else { return }
            let byte = unsafe start.load(fromByteOffset: place, as: UInt8.self)
            check(byte == seed &+ UInt8(truncatingIfNeeded: place), claim)
        }
    }

    func free() {
        unsafe verify(at: start, "a block keeps its content")
        unsafe Heap.free(start, from: currentHeap)
    }
}

/// Each size with each alignment; then a crowd of blocks of random sizes that come and go, on four threads.
func checkSizes() {
    var blocks: [Block] = []
    for count in 0...600 { blocks.append(Block(count, seed: count)) }
    for shift in 0...12 {
        for count in [1, 17, 100, 1 << shift, 1000, 4097, 8192, 8193, 20_000, 65_536, 65_537] {
            blocks.append(Block(count, alignment: 1 << shift, seed: shift + count))
        }
    }
    for block in blocks { block.free() }
    onThreads(4) { number in
        crowd(seed: number)
        unsafe currentHeap.pointee.trim()
    }
}

private func crowd(seed: Int) {
    var random = Random(seed: seed)
    var blocks: [Block] = []
    for index in 0..<500 { blocks.append(Block(random.next(below: 2000), seed: index)) }
    for turn in 0..<40_000 {
        let index = random.next(below: 500)
        blocks[index].free()
        // Mostly small ones, and now and then a run of slabs or a large block.
        let bound = [64, 200, 1000, 9000][random.next(below: 4)]
        let count = turn % 400 == 0 ? random.next(below: 150_000) : random.next(below: bound)
        blocks[index] = Block(count, alignment: 1 << random.next(below: 7), seed: turn)
    }
    for block in blocks { block.free() }
}
