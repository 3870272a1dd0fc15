// Tests/HTTPTests/Reference/ReferenceBytes.swift — classes of bytes for the plain parsers, spelt out.

/// 0x00...0x1F but HTAB, and 0x7F: what may stand in no line.
func isControl(_ byte: UInt8) -> Bool { byte < 32 && byte != 9 || byte == 127 }

func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

func isHexadecimal(_ byte: UInt8) -> Bool { isDigit(byte) || (65...70).contains(byte) || (97...102).contains(byte) }

func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || (65...90).contains(byte) || (97...122).contains(byte) }

private let tokenMarks = Array("!#$%&'*+-.^_`|~".utf8)

/// `token` (RFC 9110 §5.6.2)
func isToken(_ bytes: [UInt8]) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy { isAlphanumeric($0) || tokenMarks.contains($0) }
}

/// The bytes with small letters for capital ones.
func lower(_ bytes: [UInt8]) -> [UInt8] { bytes.map { (65...90).contains($0) ? $0 + 32 : $0 } }

/// The bytes without the spaces and tabs around them.
func trimmed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let start = bytes.drop { $0 == 32 || $0 == 9 }
    let end = start.lastIndex { $0 != 32 && $0 != 9 }
    return end.map { Array(start[...$0]) } ?? []
}

/// The number that digits spell; nil if there are none, others among them, or too many.
func number(_ bytes: [UInt8]) -> UInt64? {
    bytes.allSatisfy(isDigit) ? UInt64(String(decoding: bytes, as: UTF8.self)) : nil
}
