// Sources/Primitives/HeapBudget.swift — how much memory all heaps together may map.

import Bytes
import Synchronization

/// The process-wide account of the memory that heaps have mapped. Any thread.
///
/// Memory order: all relaxed; the counters guard no other memory.
package enum HeapBudget {
    private static let mapped = Atomic<Int>(0)
    private static let allowed = Atomic<Int>(Config.heapLimit)
    private static let large = Atomic<Int>(0)

    /// Bytes that all heaps have mapped at present.
    package static var mappedBytes: Int { mapped.load(ordering: .relaxed) }

    /// Blocks at present that are mappings of their own.
    package static var largeBlocks: Int { large.load(ordering: .relaxed) }

    /// Bytes that heaps may map; above it, only what `mayExceedLimit` is allocated. Initially `Config.heapLimit`.
    package static var limit: Int {
        get { allowed.load(ordering: .relaxed) }
        set { allowed.store(newValue, ordering: .relaxed) }
    }

    /// Whether so much is mapped that no new work may begin: `Config.acceptHeapShare` of the limit.
    package static var isNearlySpent: Bool { mappedBytes >= (limit >> 4) * Config.acceptHeapShare }

    /// Charges `byteCount` bytes to the account.
    ///
    /// - Returns: false, and nothing is charged, if that would exceed the limit and must not.
    static func charge(_ byteCount: Int, mayExceedLimit: Bool) -> Bool {
        let total = mapped.add(byteCount, ordering: .relaxed).newValue
        if total <= limit || mayExceedLimit { return true }
        refund(byteCount)
        return false
    }

    /// Takes a charge back.
    static func refund(_ byteCount: Int) {
        mapped.subtract(byteCount, ordering: .relaxed)
    }

    /// Counts a large block: +1 when it is made, −1 when it is freed.
    static func countLargeBlock(_ change: Int) {
        large.add(change, ordering: .relaxed)
    }
}
