// Sources/Primitives/MappedArray.swift — an array of the process's whole life, in a mapping of its own.

import Linux

/// A type of which all bits 0 are a value.
package protocol ZeroRepresentable: BitwiseCopyable {}

extension UInt8: ZeroRepresentable {}
extension UInt32: ZeroRepresentable {}
extension PollEntry: ZeroRepresentable {}
extension EpollEvent: ZeroRepresentable {}

/// A fixed number of elements, zeros at first. The kernel maps a page when it is first touched; it is never unmapped,
/// so that copies of this value name the same elements for ever. One thread only.
///
/// - Invariant: `start` names a mapping with room for `count` elements, in which each is a value. Every access is
///   compared with `count`, and traps beyond.
@safe package struct MappedArray<Element: ZeroRepresentable> {
    private let start: UnsafeMutablePointer<Element>
    /// How many elements there are.
    package let count: Int

    /// `count` zeros, at least one.
    ///
    /// - Throws: `.noMemory`.
    package init(count: Int) throws(Errno) {
        precondition(count > 0)
        let bytes = Memory.pages(count * MemoryLayout<Element>.stride)
        // SAFETY: the mapping is new and kept, and its zeros are elements.
        unsafe start = try Memory.map(bytes).bindMemory(to: Element.self, capacity: count)
        self.count = count
    }

    /// The element at `index`, `0..<count`.
    @inline(__always)
    package subscript(index: Int) -> Element {
        unsafeAddress { unsafe UnsafePointer(place(index)) }
        nonmutating unsafeMutableAddress { unsafe place(index) }
    }

    @inline(__always)
    private func place(_ index: Int) -> UnsafeMutablePointer<Element> {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "an index beyond the array")
        return unsafe start + index
    }

    /// The first `count` elements.
    @inline(__always)
    @_lifetime(&self)
    package mutating func first(_ count: Int) -> MutableSpan<Element> {
        precondition(count >= 0 && count <= self.count, "more elements than the array has")
        // SAFETY: the invariant; the span cannot outlive this borrow.
        let span = unsafe MutableSpan(_unsafeStart: start, count: count)
        return unsafe _overrideLifetime(span, mutating: &self)
    }
}
