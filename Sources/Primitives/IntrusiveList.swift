// Sources/Primitives/IntrusiveList.swift — doubly linked lists through the elements themselves.

/// Something that carries the links of one ``IntrusiveList``.
protocol IntrusiveElement {
    /// The element behind this one.
    var next: UnsafeMutablePointer<Self>? { get set }
    /// The element before this one.
    var previous: UnsafeMutablePointer<Self>? { get set }
}

/// A list of elements that it does not own. Each operation takes constant time.
///
/// - Invariant: `first` is nil or leads, by the elements' links, to elements that are in this list alone and stay in
///   place, as those promise that insert them.
@safe struct IntrusiveList<Element: IntrusiveElement> {
    private(set) var first: UnsafeMutablePointer<Element>?

    init() {
        unsafe first = nil
    }

    /// Puts `element`, which is in no list, at the front.
    mutating func insertFirst(_ element: UnsafeMutablePointer<Element>) {
        unsafe element.pointee.previous = nil
        unsafe element.pointee.next = first
        if let first = unsafe first { unsafe first.pointee.previous = element }
        unsafe first = element
    }

    /// Puts `element`, which is in no list, behind the first one; at the front if there is none.
    mutating func insertSecond(_ element: UnsafeMutablePointer<Element>) {
        guard let first = unsafe first else { return unsafe insertFirst(element) }
        let second = unsafe first.pointee.next
        unsafe element.pointee.previous = first
        unsafe element.pointee.next = second
        if let second = unsafe second { unsafe second.pointee.previous = element }
        unsafe first.pointee.next = element
    }

    /// Takes `element`, which is in this list, out.
    mutating func remove(_ element: UnsafeMutablePointer<Element>) {
        let (previous, next) = unsafe (element.pointee.previous, element.pointee.next)
        if let next = unsafe next { unsafe next.pointee.previous = previous }
        if let previous = unsafe previous {
            unsafe previous.pointee.next = next
        } else {
            unsafe first = next
        }
    }
}
