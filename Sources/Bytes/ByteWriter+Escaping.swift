// Sources/Bytes/ByteWriter+Escaping.swift — escaping bytes of untrusted origin.

extension ByteWriter {
    /// Appends `bytes` so that they stay one word of one line: what is not visible ASCII, and the backslash, becomes
    /// `\xHH`. At most four bytes for each.
    ///
    /// - Parameter keepingSpaces: whether a space is written as it is.
    @inline(never)
    public mutating func append(escaping bytes: borrowing Span<UInt8>, keepingSpaces: Bool = false) {
        for index in bytes.indices {
            let byte = bytes[index]
            let isVisible = byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "\\")
            if isVisible || (keepingSpaces && byte == 0x20) {
                append(byte)
            } else {
                append("\\x")
                append(hexadecimal: UInt64(byte), digits: 2)
            }
        }
    }
}
