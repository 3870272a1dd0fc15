// Sources/Bytes/StaticString+Bytes.swift — literals as spans.

extension StaticString {
    /// The literal's bytes. No cost: they lie in the executable's read-only data.
    @inline(__always)
    public var bytes: Span<UInt8> {
        @_lifetime(immortal)
        get {
            // SAFETY: a literal's bytes are never written and never freed.
            let span = unsafe Span(_unsafeStart: utf8Start, count: utf8CodeUnitCount)
            return unsafe _overrideLifetime(span, copying: ())
        }
    }
}
