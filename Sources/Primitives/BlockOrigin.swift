// Sources/Primitives/BlockOrigin.swift — what any thread may read about a block that it frees.

/// Says which heap the blocks of a segment come from. Written once, before the first block is handed out, and in a
/// cache line of its own: threads that free the blocks of others read it while the owner changes the rest of the
/// header.
@safe struct BlockOrigin {
    /// The heap; nil for a ``LargeBlock``, which belongs to no heap.
    let heap: UnsafeMutablePointer<Heap>?
    /// Where other threads put the blocks that they free; nil as `heap`.
    let mailbox: UnsafeMutablePointer<HeapMailbox>?
}
