// Sources/Runtime/TaskFrame.swift — memory in the frames of the running task.

internal import CTaskABI

/// What an async function keeps at a fixed address while it waits, without an allocation.
enum TaskFrame {
    /// Room for a `Value` in the running task's frames.
    ///
    /// - Safety: the function that calls this frees the room, the newest first, before it returns.
    @inline(__always)
    @unsafe static func allocate<Value: ~Copyable>(_ type: Value.Type) -> UnsafeMutablePointer<Value> {
        precondition(MemoryLayout<Value>.alignment <= 16, "frames lie at multiples of 16")
        return unsafe task_allocate_frame(UInt(MemoryLayout<Value>.size)).bindMemory(to: Value.self, capacity: 1)
    }

    /// Frees the room of ``allocate(_:)``, whose value has been deinitialized or needs no deinitialization.
    @inline(__always)
    @unsafe static func free<Value: ~Copyable>(_ value: UnsafeMutablePointer<Value>) {
        unsafe task_free_frame(value)
    }
}
