// Tests/HTTPTests/Reference/ReferenceBody.swift — a slow and plain reader of request bodies, to judge the real one by.

import Bytes
import HTTP

/// Reads a body by recursive descent, one function for each rule of RFC 9112 §7.1.
///
/// The first byte that no rule takes refuses the body; a byte that is not there yet makes it incomplete.
struct ReferenceBody {
    /// The data so far.
    private(set) var data: [UInt8] = []
    /// How many bytes of the input were looked at: all of the body, if it is complete.
    private(set) var used = 0
    /// What became of it.
    private(set) var verdict = Verdict<Bool>.complete(true)

    private enum Stop: Error {
        case ranOut
        case wrong
    }

    private let bytes: [UInt8]
    /// Most bytes of data.
    private let limit: UInt64
    /// Where the line or the section must end that is being read.
    private var lineEnd = Int.max

    /// Reads the body that `bytes` begin with.
    init(_ bytes: [UInt8], _ framing: BodyFraming, limit: UInt64) {
        self.bytes = bytes
        self.limit = limit
        do throws(Stop) {
            switch framing {
            case .none: break
            case .sized(let count): try take(count)
            case .chunked: while try chunk() {}
            }
        } catch {
            verdict = error == .ranOut ? .incomplete : .refused
        }
    }

    /// `chunk-size [ chunk-ext ] CRLF chunk-data CRLF`, or the last chunk with the trailers; false after that one.
    private mutating func chunk() throws(Stop) -> Bool {
        lineEnd = used + Config.maxChunkLine
        let size = try chunkSize()
        try chunkExtension()
        try feed()
        if size == 0 {
            lineEnd = used + Config.maxTrailers
            while try trailer() {}
            return false
        }
        try take(size)
        lineEnd = .max
        try expect(13)
        try feed()
        return true
    }

    /// `1*HEXDIG`
    private mutating func chunkSize() throws(Stop) -> UInt64 {
        var digits: [UInt8] = []
        while digits.isEmpty || used < bytes.count && isHexadecimal(bytes[used]) {
            let digit = try byte()
            guard isHexadecimal(digit) else { throw .wrong }
            digits.append(digit)
            // The value counts, not the digits: leading zeros are none.
            guard digits.drop(while: { $0 == 48 }).count <= 16 else { throw .wrong }
        }
        return UInt64(String(decoding: digits, as: UTF8.self), radix: 16) ?? .max
    }

    /// White space and `";"` with anything that may stand in a line, up to the CR that ends the line; or only that CR.
    private mutating func chunkExtension() throws(Stop) {
        var next = try byte()
        guard next != 13 else { return }
        while next == 32 || next == 9 { next = try byte() }
        guard next == 59 else { throw .wrong }
        repeat { next = try byte() } while !isControl(next)
        guard next == 13 else { throw .wrong }
    }

    /// `field-name ":" field-value CRLF`, or the empty line; false after that.
    private mutating func trailer() throws(Stop) -> Bool {
        var next = try byte()
        if next == 13 {
            try feed()
            return false
        }
        guard isToken([next]) else { throw .wrong }
        while isToken([next]) { next = try byte() }
        guard next == 58 else { throw .wrong }
        repeat { next = try byte() } while !isControl(next)
        guard next == 13 else { throw .wrong }
        try feed()
        return true
    }

    /// Takes `count` bytes of data.
    private mutating func take(_ count: UInt64) throws(Stop) {
        guard count <= limit - UInt64(data.count) else { throw .wrong }
        let part = bytes[used...].prefix(Int(clamping: count))
        data += part
        used += part.count
        guard part.count == count else { throw .ranOut }
    }

    private mutating func feed() throws(Stop) { try expect(10) }

    private mutating func expect(_ wanted: UInt8) throws(Stop) {
        guard try byte() == wanted else { throw .wrong }
    }

    private mutating func byte() throws(Stop) -> UInt8 {
        guard used < bytes.count else { throw .ranOut }
        guard used < lineEnd else { throw .wrong }
        used += 1
        return bytes[used - 1]
    }
}
