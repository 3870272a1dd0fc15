// Tests/Freestanding/check-heap/Main.swift — the heaps of raw clone threads.

import CheckSupport
import Linux
import Primitives
import Runtime

@main enum Main {
    static func main() {
        limitTime(seconds: 20)
        checkSizes()
        checkLargeBlocks()
        checkLimit()
        let before = HeapBudget.mappedBytes
        Exchange.run()
        ObjectExchange.run()
        unsafe currentHeap.pointee.trim()
        // Each thread keeps the segment that its heap lives in, of 256 KiB; all others must be gone.
        let kept = (Exchange.threadCount + ObjectExchange.threadCount) * 256 * 1024
        check(HeapBudget.mappedBytes <= before + kept, "memory is given back when nothing is in use")
        check(HeapBudget.largeBlocks == 0, "no large block is left")
        finish()
    }
}
