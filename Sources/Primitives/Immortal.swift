// Sources/Primitives/Immortal.swift — references that are not counted, to objects that live as long as the process.

import Synchronization

/// Sets an object's reference count to the value that is never counted: the object lives as long as the process, or
/// until ``ImmortalReference/free()``. A counted reference costs a locked instruction each time it is taken and given
/// back.
package func makeImmortal(_ object: AnyObject) {
    let pointer = unsafe Unmanaged.passRetained(object).toOpaque()
    #if hasFeature(Embedded)
        // SAFETY: the count is the second word of every object; Embedded Swift does not count from this value.
        unsafe pointer.storeBytes(of: 0x7fff_ffff_ffff_ffff, toByteOffset: 8, as: UInt64.self)
    #endif
}

/// A reference to an immortal object that is not counted: one word.
///
/// - Invariant: the object lives until ``free()``, whose caller answers for it that no reference is used afterwards.
@safe package struct ImmortalReference<Object: AnyObject>: Equatable {
    private let reference: Unmanaged<Object>

    /// A reference to `object`, which is immortal (``makeImmortal(_:)``).
    @inline(__always)
    package init(_ object: Object) { unsafe reference = .passUnretained(object) }

    /// A reference of which nothing but the address was kept.
    ///
    /// - Safety: it is the ``address`` of a reference to an object of this class.
    @inline(__always)
    @unsafe package init(address: UnsafeMutableRawPointer) { unsafe reference = .fromOpaque(address) }

    /// The object. No cost; debug builds check that it was not freed.
    @inline(__always)
    package var object: Object {
        #if hasFeature(Embedded)
            assert(unsafe isImmortal(reference.toOpaque()), "the object was freed")
        #endif
        return unsafe reference._withUnsafeGuaranteedRef { $0 }
    }

    /// Where the object is.
    @inline(__always)
    @unsafe package var address: UnsafeMutableRawPointer { unsafe reference.toOpaque() }

    /// Whether both refer to the same object.
    @inline(__always)
    package static func == (left: ImmortalReference, right: ImmortalReference) -> Bool {
        unsafe left.reference.toOpaque() == right.reference.toOpaque()
    }

    /// Counts the references to the object again, and gives up this one: the object is freed.
    ///
    /// - Safety: it is immortal, and no reference to it is used any more.
    @unsafe package func free() {
        unsafe makeMortal(reference.toOpaque())
        unsafe reference.release()
    }
}

/// A place for a reference to an immortal object, for all threads.
///
/// - Invariant: the word is 0 or the address of an object of this class that lives as long as the process. Relaxed: the
///   object is stored before the threads exist that load it.
@safe public struct SharedReference<Object: AnyObject>: ~Copyable, Sendable {
    private let word = Atomic<UInt>(0)

    /// No object yet.
    @inline(__always)
    package init() {}

    /// The reference that was stored last; nil if none was. Cost: a load.
    @inline(__always)
    package var reference: ImmortalReference<Object>? {
        // SAFETY: the invariant.
        unsafe UnsafeMutableRawPointer(bitPattern: word.load(ordering: .relaxed)).map { address in
            unsafe ImmortalReference(address: address)
        }
    }

    /// Makes `object` immortal, and stores it.
    package func store(_ object: Object) {
        makeImmortal(object)
        unsafe word.store(UInt(bitPattern: ImmortalReference(object).address), ordering: .relaxed)
    }
}

/// Counts the references to an immortal object again, from one on.
///
/// - Parameter object: its address, since a reference as parameter might be counted before the call and not after it.
@inline(never)
private func makeMortal(_ object: UnsafeMutableRawPointer) {
    #if hasFeature(Embedded)
        unsafe object.storeBytes(of: 1, toByteOffset: 8, as: UInt64.self)
    #endif
}

#if hasFeature(Embedded)
    /// Whether the references to the object at this address are not counted.
    private func isImmortal(_ object: UnsafeMutableRawPointer) -> Bool {
        unsafe object.load(fromByteOffset: 8, as: UInt64.self) == 0x7fff_ffff_ffff_ffff
    }
#endif
