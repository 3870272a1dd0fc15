// Sources/Primitives/LargeBlock.swift — blocks that are too large for a segment.

import Linux

/// Blocks that are mappings of their own: a header page at a multiple of the segments' size, and the block behind it.
/// They belong to no heap, so their ``BlockOrigin`` stays zeros; any thread may free them.
enum LargeBlock {
    private struct Header {
        /// Bytes of the mapping, this page included.
        var mappedBytes: Int
    }

    /// Bytes to map for a block of `byteCount`.
    private static func mappedBytes(for byteCount: Int) -> Int {
        Memory.pages(byteCount) + HeapLayout.headerSize
    }

    /// The header of the block at `pointer`.
    private static func header(of pointer: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Header> {
        unsafe (pointer - HeapLayout.headerSize).assumingMemoryBound(to: Header.self)
    }

    /// The most that a block may hold; more overflows sums of sizes.
    private static var maximum: Int { 1 << 46 }

    /// Maps a block of `byteCount` bytes of zeros, page-aligned.
    static func allocate(_ byteCount: Int, _ mayExceedLimit: Bool) -> UnsafeMutableRawPointer? {
        guard byteCount <= maximum else { return nil }
        let mapped = mappedBytes(for: byteCount)
        guard HeapBudget.charge(mapped, mayExceedLimit: mayExceedLimit) else { return nil }
        do throws(Errno) {
            let start = unsafe try Memory.map(mapped, alignment: HeapLayout.segmentSize)
            unsafe start.initializeMemory(as: Header.self, to: Header(mappedBytes: mapped))
            HeapBudget.countLargeBlock(1)
            return unsafe start + HeapLayout.headerSize
        } catch {
            HeapBudget.refund(mapped)
            return nil
        }
    }

    /// Unmaps the block: using or freeing it again faults.
    static func free(_ pointer: UnsafeMutableRawPointer) {
        precondition(
            Int(bitPattern: pointer) & (HeapLayout.segmentSize - 1) == HeapLayout.headerSize,
            "free of a pointer into a large block")
        let header = unsafe header(of: pointer)
        let mapped = unsafe header.pointee.mappedBytes
        unsafe Memory.unmap(header, mapped)
        HeapBudget.refund(mapped)
        HeapBudget.countLargeBlock(-1)
    }

    /// Bytes that the block holds.
    static func usableSize(_ pointer: UnsafeMutableRawPointer) -> Int {
        unsafe header(of: pointer).pointee.mappedBytes - HeapLayout.headerSize
    }

    /// Changes the size of the block without copying: in place, or by moving its pages.
    ///
    /// - Returns: where it is now; nil at the limit or if the kernel refuses: it is then as it was.
    static func resize(_ pointer: UnsafeMutableRawPointer, to byteCount: Int) -> UnsafeMutableRawPointer? {
        guard byteCount <= maximum else { return nil }
        let header = unsafe header(of: pointer)
        let old = unsafe header.pointee.mappedBytes
        let new = mappedBytes(for: byteCount)
        guard HeapBudget.charge(max(new - old, 0), mayExceedLimit: false) else { return nil }
        guard let moved = unsafe remap(header, old, new) else {
            HeapBudget.refund(max(new - old, 0))
            return nil
        }
        HeapBudget.refund(max(old - new, 0))
        unsafe moved.pointee.mappedBytes = new
        return unsafe UnsafeMutableRawPointer(moved) + HeapLayout.headerSize
    }

    private static func remap(
        _ header: UnsafeMutablePointer<Header>, _ old: Int, _ new: Int
    ) -> UnsafeMutablePointer<Header>? {
        do throws(Errno) {
            unsafe try Memory.resize(header, from: old, to: new)
            return unsafe header
        } catch {
            // The addresses behind it are in use. Moving needs an aligned place, which the kernel would not choose.
        }
        do throws(Errno) {
            let place = unsafe try Memory.map(new, alignment: HeapLayout.segmentSize)
            do throws(Errno) {
                unsafe try Memory.move(header, old, onto: place, new)
            } catch {
                unsafe Memory.unmap(place, new)
                return nil
            }
            return unsafe place.assumingMemoryBound(to: Header.self)
        } catch {
            return nil
        }
    }
}
