// Sources/Runtime/FrameValue.swift — a value in the frames of the running task.

internal import CTaskABI

/// What an async function keeps at a fixed address while it waits, without an allocation: one word, the address.
///
/// - Invariant: the value is there from ``init(_:)`` to ``free()``. Copies of this word, and addresses of the value's
///   fields, are given only to what has done with them by then.
@safe struct FrameValue<Value: ~Copyable> {
    private let address: UnsafeMutablePointer<Value>

    /// Puts `value` into the running task's frames.
    ///
    /// - Safety: the async function that calls this calls ``free()`` before it returns, for the newest value first.
    @inline(__always)
    @unsafe init(_ value: consuming Value) {
        precondition(MemoryLayout<Value>.alignment <= 16, "frames lie at multiples of 16")
        unsafe address = task_allocate_frame(UInt(MemoryLayout<Value>.size)).bindMemory(to: Value.self, capacity: 1)
        unsafe address.initialize(to: value)
    }

    /// The value that has `field` at `offset`.
    ///
    /// - Safety: the address comes from ``field(at:)``, and the value is still there.
    @inline(__always)
    @unsafe init(with field: UnsafeMutableRawPointer, at offset: Int) {
        unsafe address = (field - offset).assumingMemoryBound(to: Value.self)
    }

    /// The address of the field at `offset`.
    @inline(__always)
    @unsafe func field<Field>(at offset: Int) -> UnsafeMutablePointer<Field> {
        unsafe (UnsafeMutableRawPointer(address) + offset).assumingMemoryBound(to: Field.self)
    }

    /// The value, where it lies.
    var value: Value {
        // SAFETY: the invariant.
        @inline(__always) unsafeAddress { unsafe UnsafePointer(address) }
        @inline(__always) nonmutating unsafeMutableAddress { unsafe address }
    }

    /// Destroys the value, and gives its room back.
    @inline(__always)
    func free() {
        unsafe address.deinitialize(count: 1)
        unsafe task_free_frame(address)
    }
}
