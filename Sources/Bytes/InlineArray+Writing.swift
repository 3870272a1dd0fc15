// Sources/Bytes/InlineArray+Writing.swift — writing into a small array of bytes.

extension InlineArray where Element == UInt8 {
    /// Has `body` append to this array, from its start. Returns how many bytes it appended.
    @inline(__always)
    public mutating func write(_ body: (inout ByteWriter) -> Void) -> Int {
        var bytes = mutableSpan
        return unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return 0 }
            // SAFETY: the buffer is this array's own, borrowed for the call.
            var writer = unsafe ByteWriter(unsafeBase: start, capacity: buffer.count)
            body(&writer)
            return writer.count
        }
    }
}
