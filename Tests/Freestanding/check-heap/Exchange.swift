// Tests/Freestanding/check-heap/Exchange.swift — a million blocks, each freed by another thread than its maker.

import CheckSupport
import Linux
import Primitives
import Runtime
import Synchronization

/// Four threads in a ring. Each allocates blocks, writes to them, and puts them on the next one's pile; and takes what
/// is on its own pile, checks and frees it.
enum Exchange {
    static let threadCount = 4
    private static let blocksPerThread = 250_000
    /// Blocks on their way before a maker waits.
    private static let most = 5_000

    /// Treiber's stacks, taken whole.
    private static let piles: [4 of AtomicWord] = .init { _ in AtomicWord() }
    private static let waiting: [4 of AtomicWord] = .init { _ in AtomicWord() }
    private static let allFreed = Barrier()

    static func run() {
        onThreads(threadCount) { Exchange.work($0) }
        for index in piles.indices { check(piles[index].value.load(ordering: .relaxed) == 0, "each block was taken") }
    }

    private static func work(_ number: Int) {
        let next = (number + 1) % threadCount
        var random = Random(seed: number)
        var freed = 0
        for serial in 0..<blocksPerThread {
            while waiting[next].value.load(ordering: .relaxed) >= most {
                let count = take(from: number)
                freed += count
                if count == 0 { RawThread.yield() }
            }
            put(on: next, words: 3 + random.next(below: serial % 64 == 0 ? 1200 : 40), serial: serial)
        }
        while freed < blocksPerThread {
            let count = take(from: number)
            freed += count
            if count == 0 { RawThread.yield() }
        }
        check(freed == blocksPerThread, "as many blocks arrive as were sent")
        allFreed.wait(for: threadCount)
        unsafe currentHeap.pointee.trim()
        check(unsafe currentHeap.pointee.statistics.bytesInUse == 0, "every block has come home")
    }

    /// A block's words: the next block, how many words there are, then numbers that follow from its serial.
    private static func put(on pile: Int, words: Int, serial: Int) {
        guard let memory = unsafe currentHeap.pointee.allocate(words * 8) else {
            return check(false, "memory is there")
        }
        let block = unsafe memory.bindMemory(to: UInt.self, capacity: words)
        unsafe block[1] = UInt(words)
        for index in 2..<words { unsafe block[index] = UInt(serial &* words &+ index) }
        waiting[pile].value.add(1, ordering: .relaxed)
        var old = piles[pile].value.load(ordering: .relaxed)
        while true {
            unsafe block[0] = old
            let (exchanged, current) = piles[pile].value.weakCompareExchange(
                expected: old, desired: UInt(bitPattern: block), successOrdering: .releasing,
                failureOrdering: .relaxed)
            if exchanged { return }
            old = current
        }
    }

    /// Frees what is there; returns how many blocks that was.
    private static func take(from pile: Int) -> Int {
        var rest = piles[pile].value.exchange(0, ordering: .acquiring)
        var count = 0
        while let block = unsafe UnsafeMutablePointer<UInt>(bitPattern: rest) {
            unsafe rest = block[0]
            let words = unsafe Int(block[1])
            let base = unsafe block[2] &- 2
            for index in 2..<words {
                check(unsafe block[index] == base &+ UInt(index), "a block arrives as it was sent")
            }
            unsafe Heap.free(block, from: currentHeap)
            count += 1
        }
        waiting[pile].value.subtract(UInt(count), ordering: .relaxed)
        return count
    }
}
