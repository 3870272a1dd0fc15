// Sources/Linux/CString.swift — C's strings as spans.

extension Span<UInt8> {
    /// The bytes before the NUL at which the string at `start` ends; none if that is nil. Cost: a scan for the NUL.
    ///
    /// - Safety: it ends with a NUL, and is neither changed nor freed while the span is used.
    @_lifetime(immortal)
    @unsafe package init(cString start: UnsafePointer<CChar>?) {
        guard let start = unsafe start else {
            self = Span()
            return
        }
        var count = 0
        while unsafe start[count] != 0 { count += 1 }
        // SAFETY: the caller's promise.
        let bytes = unsafe UnsafeRawPointer(start).assumingMemoryBound(to: UInt8.self)
        self = unsafe _overrideLifetime(Span(_unsafeStart: bytes, count: count), copying: ())
    }
}
