// Tests/PrimitivesTests/HeapTests.swift — blocks of all sizes, frees by other threads, limits, memory given back.

import Bytes
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Linux
@testable import Primitives

/// A block that a test holds, filled with a pattern of its own.
private struct Block {
    let pointer: UnsafeMutableRawPointer
    let size: Int
    let mark: UInt8

    init(_ pointer: UnsafeMutableRawPointer, _ size: Int, _ mark: UInt8) {
        (self.pointer, self.size, self.mark) = (pointer, size, mark)
        memset(pointer, Int32(mark), size)
    }

    /// Whether no other code wrote into it.
    var isIntact: Bool {
        size == 0 || pointer.load(as: UInt8.self) == mark && memcmp(pointer, pointer + 1, size - 1) == 0
    }
}

/// The macros of Testing cannot look into a `Heap` in place, since it cannot be copied.
extension UnsafeMutablePointer<Heap> {
    fileprivate func allocate(
        _ byteCount: Int, alignment: Int = 16, mayExceedLimit: Bool = false
    ) -> UnsafeMutableRawPointer? {
        pointee.allocate(byteCount, alignment: alignment, mayExceedLimit: mayExceedLimit)
    }
    fileprivate func reallocate(_ pointer: UnsafeMutableRawPointer, to byteCount: Int) -> UnsafeMutableRawPointer? {
        pointee.reallocate(pointer, to: byteCount)
    }
    fileprivate func collect() { pointee.collect() }
    fileprivate func trim() { pointee.trim() }
    fileprivate var statistics: HeapStatistics { pointee.statistics }
}

/// One at a time, since the account of mapped memory is the process's.
@Suite(.serialized) struct HeapTests {
    @Test func sizeClassesHoldWhatTheyAreChosenFor() {
        var previous = 0
        for index in 0..<SizeClass.count {
            let size = SizeClass(index: index).blockSize
            #expect(size > previous && size % 16 == 0)
            #expect(SizeClass(fitting: previous + 1).index == index)
            #expect(SizeClass(fitting: size).index == index)
            previous = size
        }
        #expect(previous == SizeClass.largest)
        #expect(SizeClass(fitting: 0).index == 0)
    }

    @Test func thePartsOfTheHeaderPageDoNotOverlap() {
        #expect(MemoryLayout<Segment>.size <= HeapLayout.originOffset)
        #expect(HeapLayout.originOffset + MemoryLayout<BlockOrigin>.size <= HeapLayout.slabsOffset)
        let slabs = HeapLayout.slabsPerSegment * MemoryLayout<Slab>.stride
        #expect(HeapLayout.slabsOffset + slabs <= HeapLayout.mailboxOffset)
        #expect(HeapLayout.mailboxOffset + MemoryLayout<HeapMailbox>.size <= HeapLayout.heapOffset)
        #expect(HeapLayout.heapOffset + MemoryLayout<Heap>.size <= HeapLayout.headerSize)
        #expect(HeapLayout.segmentSize == HeapLayout.slabsPerSegment * HeapLayout.slabSize)
    }

    @Test func everySizeAndAlignmentIsAligned() throws {
        let heap = try Heap.make()
        let sizes =
            Array(0...600) + [1000, 1024, 4000, 4096, 5000, 8191, 8192, 8193, 16384, 16385, 65536, 65537, 300_000]
        for power in 0...12 {
            var blocks: [Block] = []
            for (number, size) in sizes.enumerated() {
                let pointer = try #require(heap.allocate(size, alignment: 1 << power))
                if Int(bitPattern: pointer) & ((1 << max(power, 4)) - 1) != 0 { Issue.record("\(size) at 2^\(power)") }
                if Heap.usableSize(pointer) < size { Issue.record("\(size) does not fit") }
                blocks.append(Block(pointer, size, UInt8(truncatingIfNeeded: number)))
            }
            #expect(blocks.allSatisfy { $0.isIntact })
            for block in blocks { Heap.free(block.pointer, from: heap) }
            #expect(heap.statistics.bytesInUse == 0)
        }
        Heap.abandon(heap)
    }

    @Test(arguments: 0..<4 as Range<UInt64>) func randomUseNeverMixesBlocksUp(seed: UInt64) throws {
        var random = Chance(seed)
        let heap = try Heap.make()
        var blocks: [Block] = []
        for step in 0..<30_000 {
            let shouldGrow = blocks.count < (step / 5_000 % 2 == 0 ? 1_500 : 50)
            if blocks.isEmpty || (shouldGrow ? Int.random(in: 0..<3, using: &random) > 0 : false) {
                let limit = 1 << Int.random(in: 1..<18, using: &random)
                let size = Int.random(in: 0..<limit, using: &random)
                let pointer = try #require(heap.allocate(size))
                blocks.append(Block(pointer, size, UInt8.random(in: 0...255, using: &random)))
            } else {
                let index = Int.random(in: 0..<blocks.count, using: &random)
                blocks.swapAt(index, blocks.count - 1)
                let block = blocks.removeLast()
                if !block.isIntact { Issue.record("a block of \(block.size) bytes was overwritten") }
                Heap.free(block.pointer, from: heap)
            }
            if step % 3_000 == 0 { heap.trim() }
        }
        #expect(blocks.allSatisfy { $0.isIntact })
        for block in blocks { Heap.free(block.pointer, from: heap) }
        heap.trim()
        #expect(heap.statistics == HeapStatistics(mappedBytes: HeapLayout.segmentSize, segments: 1))
        Heap.abandon(heap)
    }

    @Test func changingTheSizeKeepsTheContent() throws {
        let heap = try Heap.make()
        let sizes = [
            1, 16, 17, 100, 5000, 8192, 9000, 60_000, 66_000, 300_000, 2_000_000, 70_000, 66_000, 20_000, 300, 5,
        ]
        var pointer = try #require(heap.allocate(1))
        var content: [UInt8] = [7]
        pointer.storeBytes(of: 7, as: UInt8.self)
        for size in sizes {
            pointer = try #require(heap.reallocate(pointer, to: size))
            let bytes = UnsafeMutableRawBufferPointer(start: pointer, count: size)
            #expect(Heap.usableSize(pointer) >= size)
            #expect(bytes.prefix(content.count).elementsEqual(content.prefix(size)))
            content = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ size) }
            bytes.copyBytes(from: content)
        }
        Heap.free(pointer, from: heap)
        #expect(heap.statistics.bytesInUse == 0)
        Heap.abandon(heap)
    }

    @Test func memoryGoesBackAfterABurst() throws {
        let heap = try Heap.make()
        let before = HeapBudget.mappedBytes
        let blocks = (0..<5_000).map { Block(heap.allocate(1_000)!, 1_000, UInt8(truncatingIfNeeded: $0)) }
        let peak = HeapBudget.mappedBytes
        #expect(peak - before > 4_700_000)
        #expect(heap.statistics.segments == 1 + (peak - before) / HeapLayout.segmentSize)
        for block in blocks { Heap.free(block.pointer, from: heap) }
        #expect(HeapBudget.mappedBytes - before <= 2 * HeapLayout.segmentSize, "one spare, and one of the last slab")
        heap.trim()
        #expect(HeapBudget.mappedBytes == before)
        Heap.abandon(heap)
    }

    @Test func trimTakesThePagesOfFreeSlabsOutOfMemory() throws {
        let heap = try Heap.make()
        let keeper = heap.allocate(64)!
        let blocks = (0..<20).map { _ in Block(heap.allocate(8_192)!, 8_192, 1) }
        let segment = UnsafeMutablePointer<Segment>(containing: keeper)
        let touched = residentPages(segment)
        for block in blocks { Heap.free(block.pointer, from: heap) }
        heap.trim()
        #expect(touched > 40)
        #expect(residentPages(segment) <= 3, "the header, and the slab of the block in use")
        Heap.free(keeper, from: heap)
        Heap.abandon(heap)
    }

    @Test func aNewHeapTouchesFewPages() throws {
        // Heaps that earlier tests gave up are taken out of the way, so that this one is new.
        var others: [UnsafeMutablePointer<Heap>] = []
        while let other = HeapMailbox.adopt() { others.append(other) }
        let heap = try Heap.make()
        others.forEach { Heap.abandon($0) }
        let segment = UnsafeMutablePointer<Segment>(
            OpaquePointer(UnsafeMutableRawPointer(heap) - HeapLayout.heapOffset))
        #expect(residentPages(segment) == 1)
        let blocks = [16, 100, 400].map { Block(heap.allocate($0)!, $0, 1) }
        #expect(residentPages(segment) == 4)
        for block in blocks { Heap.free(block.pointer, from: heap) }
        Heap.abandon(heap)
    }

    private func residentPages(_ segment: UnsafeMutablePointer<Segment>) -> Int {
        var pages = [UInt8](repeating: 0, count: HeapLayout.segmentSize / 4096)
        #expect(mincore(segment, HeapLayout.segmentSize, &pages) == 0)
        return pages.count { $0 & 1 != 0 }
    }

    @Test func atTheLimitBuffersAreRefusedUntilMemoryIsFreed() throws {
        let heap = try Heap.make()
        HeapBudget.limit = HeapBudget.mappedBytes + 4 * HeapLayout.segmentSize
        defer { HeapBudget.limit = Config.heapLimit }
        var blocks: [UnsafeMutableRawPointer] = []
        while let pointer = heap.allocate(4_096) { blocks.append(pointer) }
        #expect(HeapBudget.mappedBytes == HeapBudget.limit)
        #expect(heap.allocate(1 << 20) == nil, "a mapping of its own is refused as well")
        #expect(heap.allocate(Int.max) == nil)
        let essential = try #require(heap.allocate(4_096, mayExceedLimit: true))
        Heap.free(essential, from: heap)
        Heap.free(blocks.removeLast(), from: heap)
        let again = try #require(heap.allocate(4_096))
        blocks.append(again)
        for pointer in blocks { Heap.free(pointer, from: heap) }
        heap.trim()
        let large = try #require(heap.allocate(500_000))
        #expect(heap.reallocate(large, to: 2 << 20) == nil)
        #expect(HeapBudget.largeBlocks == 1)
        Heap.free(large, from: nil)
        #expect(HeapBudget.largeBlocks == 0)
        Heap.abandon(heap)
    }

    @Test func blocksThatOtherThreadsFreeComeBack() throws {
        let heap = Shared(try Heap.make())
        let before = heap.value.statistics.remoteFrees
        let blocks = Shared((0..<4_000).map { Block(heap.value.allocate($0 % 700)!, $0 % 700, 3) })
        inParallel(4) { thread in
            for index in stride(from: thread, to: blocks.value.count, by: 4) {
                Heap.free(blocks.value[index].pointer, from: nil)
            }
        }
        heap.value.collect()
        let statistics = heap.value.statistics
        #expect(statistics.bytesInUse == 0)
        #expect(statistics.remoteFrees - before == 4_000)
        Heap.abandon(heap.value)
    }

    /// Each thread allocates, hands its blocks to the next thread, and frees what it was handed.
    @Test(.timeLimit(.minutes(1))) func threadsThatFreeEachOthersBlocksLoseNothing() throws {
        let threads = 4
        let rounds = 15_000
        let heaps = Shared(try (0..<threads).map { _ in try Heap.make() })
        let slots = Shared((0..<threads * 8).map { _ in Shared(Atomic<UInt>(0)) })
        let damaged = Shared(Atomic<Int>(0))
        inParallel(threads) { thread in
            var random = Chance(UInt64(thread))
            let heap = heaps.value[thread]
            for _ in 0..<rounds {
                let size = Int.random(in: 32..<1 << Int.random(in: 6..<15, using: &random), using: &random)
                let mark = UInt8.random(in: 0...255, using: &random)
                let pointer = heap.allocate(size)!
                let block = Block(pointer, size, mark)
                // The block says in its first bytes how long it is; the rest is its pattern.
                pointer.storeBytes(of: UInt64(size) << 8 | UInt64(mark), as: UInt64.self)
                _ = block
                let slot = slots.value[Int.random(in: 0..<threads * 8, using: &random)]
                let taken = slot.value.exchange(UInt(bitPattern: pointer), ordering: .acquiringAndReleasing)
                guard let other = UnsafeMutableRawPointer(bitPattern: taken) else { continue }
                let header = other.load(as: UInt64.self)
                let (length, pattern) = (Int(header >> 8), UInt8(truncatingIfNeeded: header))
                let isIntact =
                    other.load(fromByteOffset: 8, as: UInt8.self) == pattern
                    && memcmp(other + 8, other + 9, length - 9) == 0
                if !isIntact { damaged.value.add(1, ordering: .relaxed) }
                Heap.free(other, from: heap)
            }
        }
        #expect(damaged.value.load(ordering: .relaxed) == 0)
        for slot in slots.value {
            let rest = slot.value.load(ordering: .relaxed)
            if let pointer = UnsafeMutableRawPointer(bitPattern: rest) { Heap.free(pointer, from: nil) }
        }
        for heap in heaps.value {
            heap.trim()
            #expect(heap.statistics.bytesInUse == 0)
            #expect(heap.statistics.segments == 1)
            Heap.abandon(heap)
        }
    }

    @Test func theHeapOfAThreadThatEndedIsAdoptedWithItsBlocks() throws {
        let heap = try Heap.make()
        let early = Block(heap.allocate(200)!, 200, 1)
        let late = Block(heap.allocate(200)!, 200, 2)
        Heap.abandon(heap)
        Heap.free(early.pointer, from: nil)
        var adopted = try Heap.make()
        var others: [UnsafeMutablePointer<Heap>] = []
        while adopted != heap {
            others.append(adopted)
            adopted = try Heap.make()
        }
        others.forEach { Heap.abandon($0) }
        #expect(late.isIntact)
        Heap.free(late.pointer, from: adopted)
        adopted.collect()
        #expect(adopted.statistics.bytesInUse == 0)
        Heap.abandon(adopted)
    }

    @Test func freeingTwiceTraps() async {
        await #expect(processExitsWith: .failure) {
            let heap = try Heap.make()
            let blocks = (0..<3).map { _ in heap.allocate(100)! }
            for block in blocks { Heap.free(block, from: heap) }
            Heap.free(blocks[0], from: heap)
        }
        await #expect(processExitsWith: .failure) {
            let heap = try Heap.make()
            let block = heap.allocate(1 << 20)!
            Heap.free(block, from: heap)
            Heap.free(block, from: heap)
        }
    }

    @Test func freeingAPartOfALargeBlockTraps() async {
        await #expect(processExitsWith: .failure) {
            let heap = try Heap.make()
            Heap.free(heap.allocate(1 << 20)! + (256 << 10), from: heap)
        }
    }

    @Test func writingIntoAFreedBlockTrapsInDebugBuilds() async {
        await #expect(processExitsWith: .failure) {
            let heap = try Heap.make()
            let block = heap.allocate(100)!
            _ = heap.allocate(100)
            Heap.free(block, from: heap)
            block.storeBytes(of: 1, toByteOffset: 50, as: UInt8.self)
            _ = heap.allocate(100)
        }
    }
}
