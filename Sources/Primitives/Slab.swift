// Sources/Primitives/Slab.swift — 16 KiB of a segment, cut into blocks of one size.

/// What a free block holds: the link to the next one.
///
/// - Invariant: `next` is nil or the next free block of the same slab; debug builds check that no code writes to a free
///   block.
@safe struct FreeBlock {
    var next: UnsafeMutablePointer<FreeBlock>?
}

/// Describes one slab, or a run of slabs that is one block. The descriptors are in the segment's header, so that free
/// slabs need not be in memory. 48 bytes.
///
/// Blocks are *carved* from the front one by one when no freed one is left: memory that was never needed is never
/// touched.
///
/// - Invariant: `freed` lists blocks of this slab that are not in use, and `used` counts those that are: a block that
///   is freed twice traps.
@safe struct Slab: IntrusiveElement {
    /// Blocks that were freed, latest first.
    var freed: UnsafeMutablePointer<FreeBlock>?
    /// The next slab of the same class that has room.
    var next: UnsafeMutablePointer<Slab>?
    /// The slab before it.
    var previous: UnsafeMutablePointer<Slab>?
    /// The first block.
    var start: UnsafeMutableRawPointer
    /// Bytes of a block; of the whole run if it is one.
    var blockSize: UInt32
    /// Blocks that the slab can hold.
    var capacity: UInt16
    /// Blocks carved so far.
    var carved: UInt16 = 0
    /// Blocks in use.
    var used: UInt16 = 0
    /// Slabs of the run; 0: not a run.
    var runLength: UInt8 = 0
    /// The index of its ``SizeClass``; of no meaning for a run.
    var sizeClass: UInt8
    /// Whether it is in its class's list. A slab is taken out when it is found full.
    var isListed = false

    /// A slab of `byteCount` bytes at `start`, not listed, for blocks of `sizeClass`.
    init(_ start: UnsafeMutableRawPointer, byteCount: Int, _ sizeClass: SizeClass) {
        let size = sizeClass.blockSize
        unsafe (freed, next, previous) = (nil, nil, nil)
        unsafe self.start = start
        blockSize = UInt32(size)
        capacity = UInt16(byteCount / size)
        self.sizeClass = UInt8(sizeClass.index)
    }

    /// A run of `count` slabs at `start`: one block, in use. It counts as listed, since it is never looked for.
    init(run start: UnsafeMutableRawPointer, count: Int) {
        unsafe (freed, next, previous) = (nil, nil, nil)
        unsafe self.start = start
        blockSize = UInt32(count * HeapLayout.slabSize)
        (capacity, carved, used) = (1, 1, 1)
        runLength = UInt8(count)
        sizeClass = .max
        isListed = true
    }
}

extension UnsafeMutablePointer<Slab> {
    /// Takes a block that was freed before; nil if there is none.
    @inline(__always)
    func popFreed() -> UnsafeMutableRawPointer? {
        guard let block = unsafe pointee.freed else { return nil }
        unsafe pointee.freed = block.pointee.next
        unsafe pointee.used &+= 1
        #if DEBUG
            unsafe checkPoison(block)
        #endif
        return UnsafeMutableRawPointer(block)
    }

    /// Takes a block that was freed before, or else a fresh one; nil if the slab is full.
    func pop() -> UnsafeMutableRawPointer? {
        if let block = unsafe popFreed() { return unsafe block }
        guard unsafe pointee.carved < pointee.capacity else { return nil }
        let block = unsafe pointee.start + Int(pointee.carved) * Int(pointee.blockSize)
        unsafe pointee.carved += 1
        unsafe pointee.used += 1
        return unsafe block
    }

    /// Gives a block back.
    @inline(__always)
    func push(_ pointer: UnsafeMutableRawPointer) {
        let block = unsafe pointer.assumingMemoryBound(to: FreeBlock.self)
        unsafe precondition(pointee.used > 0 && block != pointee.freed, "double free")
        #if DEBUG
            unsafe poison(block)
        #endif
        unsafe block.pointee.next = pointee.freed
        unsafe pointee.freed = block
        unsafe pointee.used &-= 1
    }
}

#if DEBUG
    /// What the bytes of a freed block but the first eight hold.
    private let poisonWord: UInt64 = 0xDEAD_BEEF_DEAD_BEEF

    extension UnsafeMutablePointer<Slab> {
        private func words(_ block: UnsafeMutablePointer<FreeBlock>) -> UnsafeMutableBufferPointer<UInt64> {
            let start = unsafe UnsafeMutableRawPointer(block).assumingMemoryBound(to: UInt64.self)
            return unsafe UnsafeMutableBufferPointer(start: start + 1, count: Int(pointee.blockSize) / 8 - 1)
        }

        /// Overwrites a block that is being freed. One that is poisoned already must not be on the list.
        private func poison(_ block: UnsafeMutablePointer<FreeBlock>) {
            let offset = unsafe UnsafeMutableRawPointer(block) - pointee.start
            unsafe precondition(offset % Int(pointee.blockSize) == 0, "free of a pointer into a block")
            if unsafe words(block)[0] == poisonWord {
                var other = unsafe pointee.freed
                while let candidate = unsafe other {
                    unsafe precondition(candidate != block, "double free")
                    unsafe other = candidate.pointee.next
                }
            }
            unsafe words(block).update(repeating: poisonWord)
        }

        /// Traps if the block was written to after it was freed.
        private func checkPoison(_ block: UnsafeMutablePointer<FreeBlock>) {
            unsafe precondition(words(block).allSatisfy { $0 == poisonWord }, "write after free")
        }
    }
#endif
