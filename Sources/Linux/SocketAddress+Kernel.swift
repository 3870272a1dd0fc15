// Sources/Linux/SocketAddress+Kernel.swift — the address as a pointer, for system calls.

extension SocketAddress {
    /// Calls `body` with the pointer and the length that `bind` and `connect` take.
    ///
    /// - Safety: the pointer is valid for the call only, and is not written through.
    @inline(__always)
    @unsafe public func withKernelPointer<Result, Failure: Error>(
        _ body: (UnsafeRawPointer, UInt32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // SAFETY: the pointer and its count are those of this value, which is borrowed for the call.
        try unsafe kernelBytes.withUnsafeBufferPointer { bytes throws(Failure) in
            let start = unsafe bytes.baseAddress.unsafelyUnwrapped
            return try unsafe body(UnsafeRawPointer(start), UInt32(truncatingIfNeeded: bytes.count))
        }
    }

    /// Calls `body` with ``capacity`` bytes of room and the address of their count, as `accept4` and `getsockname` take
    /// them; the count that `body` leaves becomes the length. What was here before is cleared.
    ///
    /// - Safety: both pointers are valid for the call only.
    @inline(__always)
    @unsafe public mutating func withKernelRoom<Result, Failure: Error>(
        _ body: (UnsafeMutableRawPointer, UnsafeMutablePointer<UInt32>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        self = SocketAddress()
        var length = UInt32(truncatingIfNeeded: Self.capacity)
        var room = storage.mutableSpan
        // SAFETY: `capacity` bytes of this value, which is borrowed for the call, are initialised and may be written.
        let result = try unsafe room.withUnsafeMutableBufferPointer { bytes throws(Failure) in
            let start = unsafe bytes.baseAddress.unsafelyUnwrapped
            return try unsafe body(UnsafeMutableRawPointer(start), &length)
        }
        // The kernel reports the full length of an address that it had to cut.
        storedLength = UInt8(truncatingIfNeeded: Swift.min(Int(length), Self.capacity))
        return result
    }
}
