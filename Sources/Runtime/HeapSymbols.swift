// Sources/Runtime/HeapSymbols.swift — where Swift's own allocations go.

import Bytes
import Linux
import Primitives

/// posix_memalign(3), which the compiler's runtime functions call for classes, closures and buffers.
///
/// It may exceed the configured limit: a Swift object cannot fail to be made. The limit holds where memory is asked for
/// in bulk (`Heap.allocate`), and where connections are admitted.
@c(async_nostd_allocate)
package func allocateForSwift(
    _ block: UnsafeMutablePointer<UnsafeMutableRawPointer?>, _ alignment: Int, _ size: Int
) -> Int32 {
    unsafe block.pointee = currentHeap.pointee.allocate(size, alignment: alignment, mayExceedLimit: true)
    return unsafe block.pointee == nil ? Errno.noMemory.rawValue : 0
}

/// free(3).
@c(async_nostd_free)
package func freeForSwift(_ block: UnsafeMutableRawPointer?) {
    guard let block = unsafe block else { return }
    unsafe Heap.free(block, from: currentHeap)
}

extension ByteStore {
    /// An empty store on the heap of the thread that appends to it, within the heap's limit.
    package static func onCurrentHeap() -> ByteStore {
        unsafe ByteStore(reallocate: reallocateOnCurrentHeap)
    }
}

/// SAFETY: the heap's blocks are as large as was asked for, and any thread may free them.
private func reallocateOnCurrentHeap(_ block: UnsafeMutableRawPointer?, _ size: Int) -> UnsafeMutableRawPointer? {
    guard let block = unsafe block else { return unsafe currentHeap.pointee.allocate(size) }
    guard size == 0 else { return unsafe currentHeap.pointee.reallocate(block, to: size) }
    unsafe Heap.free(block, from: currentHeap)
    return nil
}
