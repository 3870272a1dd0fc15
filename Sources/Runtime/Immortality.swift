// Sources/Runtime/Immortality.swift — objects whose references are not counted.

/// Sets an object's reference count to the value that is never counted: it lives as long as the process, or until
/// `Unmanaged.freeImmortal()`. A counted reference costs a locked instruction each time it is taken and given back.
public func makeImmortal(_ object: AnyObject) {
    // SAFETY: the count is the second word of every object; embedded Swift leaves this value alone.
    let pointer = unsafe Unmanaged.passRetained(object).toOpaque()
    unsafe pointer.storeBytes(of: 0x7fff_ffff_ffff_ffff, toByteOffset: 8, as: UInt64.self)
}

/// A reference to an immortal object that is not counted.
///
/// - Invariant: the object lives until ``free()``, whose caller answers for it that no reference is used afterwards.
@safe public struct ImmortalReference<Object: AnyObject> {
    private let reference: Unmanaged<Object>

    /// A reference to `object`, which is immortal (``makeImmortal(_:)``), or outlives this reference.
    @inline(__always)
    public init(_ object: Object) { unsafe reference = .passUnretained(object) }

    /// A reference of which nothing but the address was kept.
    ///
    /// - Safety: it is the ``address`` of a reference to an object of this class.
    @inline(__always)
    @unsafe public init(address: UnsafeMutableRawPointer) { unsafe reference = .fromOpaque(address) }

    /// The object.
    @inline(__always)
    public var object: Object { unsafe reference._withUnsafeGuaranteedRef { $0 } }

    /// Where the object is.
    @inline(__always)
    @unsafe public var address: UnsafeMutableRawPointer { unsafe reference.toOpaque() }

    /// Frees the object.
    ///
    /// - Safety: it is immortal, and no reference to it is used any more.
    @unsafe public func free() { unsafe reference.freeImmortal() }
}

extension Unmanaged {
    /// A reference to `object`, which is immortal from here on; see ``makeImmortal(_:)``.
    public static func passImmortal(_ object: Instance) -> Unmanaged<Instance> {
        makeImmortal(object)
        return unsafe passUnretained(object)
    }

    /// Frees an object of ``passImmortal(_:)``.
    ///
    /// - Safety: nobody uses the object, or holds a reference to it in a variable, any more.
    @unsafe public func freeImmortal() {
        unsafe makeMortal(toOpaque())
        unsafe release()
    }
}

/// Has the references to an immortal object be counted again, from one on.
///
/// - Parameter object: its address, since a reference as parameter might be counted before the call and not after it.
@inline(never)
private func makeMortal(_ object: UnsafeMutableRawPointer) {
    unsafe object.storeBytes(of: 1, toByteOffset: 8, as: UInt64.self)
}

/// A reference, which is not counted, to an immortal object that lives longer than this.
///
/// SAFETY: who makes one promises that; it holds for an object and its parts, which refer to their owner this way. In
/// debug builds each use checks that the object is still immortal: `Unmanaged.freeImmortal()` ends that.
@safe public struct UncountedReference<Object: AnyObject> {
    private let reference: Unmanaged<Object>

    /// Refers to `object`.
    ///
    /// - Safety: `object` is not freed before the last use of this.
    @inline(__always)
    @unsafe public init(_ object: Object) { unsafe reference = Unmanaged.passUnretained(object) }

    /// The object.
    @inline(__always)
    public var object: Object {
        assert(unsafe isImmortal(reference.toOpaque()), "the object was freed")
        return unsafe reference._withUnsafeGuaranteedRef { $0 }
    }
}

/// Whether the references to the object at this address are not counted.
private func isImmortal(_ object: UnsafeMutableRawPointer) -> Bool {
    unsafe object.load(fromByteOffset: 8, as: UInt64.self) == 0x7fff_ffff_ffff_ffff
}
