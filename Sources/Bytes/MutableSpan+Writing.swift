// Sources/Bytes/MutableSpan+Writing.swift — writing into bytes that are there.

extension MutableSpan where Element == UInt8 {
    /// Writes `bytes` over as many of these, from the one at `start` on. Traps if they do not fit.
    @inline(__always)
    public mutating func replace(at start: Int, with bytes: borrowing Span<UInt8>) {
        precondition(start >= 0 && bytes.count <= count && start <= count - bytes.count)
        unsafe withUnsafeMutableBufferPointer { target in
            unsafe bytes.withUnsafeBufferPointer { source in
                guard let first = target.baseAddress, let bytes = source.baseAddress else { return }
                // SAFETY: the bytes fit, checked above.
                unsafe UnsafeMutableRawPointer(first + start).copyMemory(from: bytes, byteCount: source.count)
            }
        }
    }
}
