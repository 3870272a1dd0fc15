// Sources/HTTP/LineScanner.swift — cuts a head into lines.

import Utilities

/// Finds the lines of a head, one after the other, and refuses every byte that may stand in none of them.
///
/// A line ends with CRLF; a CR or LF of its own is an error, as RFC 9112 §2.2 allows, because peers disagree on them.
struct LineScanner {
    /// Offset of the byte that bit 0 of `found` stands for.
    private var block = -64
    /// Control bytes of this block that were not yet passed.
    private var found: UInt64 = 0
    /// Where the next line begins.
    private(set) var position = 0

    @inline(__always)
    init() {}

    /// The end of the line that begins at ``position``, which moves behind its CRLF; nil if there is no whole line yet.
    ///
    /// - Parameters:
    ///   - bytes: the same bytes as in the call before.
    ///   - limit: where the line must end at the latest.
    /// - Throws: `excess` as soon as the line must end after `limit`, whatever else is wrong with it.
    @inline(__always)
    mutating func next(
        in bytes: Span<UInt8>, limit: Int, excess: RequestError
    ) throws(RequestError) -> Int? {
        // No sum overflows: all are places in the bytes, or less than two blocks behind their end.
        while found == 0 {
            guard block &+ 64 < bytes.count else {
                guard bytes.count <= limit else { throw excess }
                return nil
            }
            block &+= 64
            found = bytes.controls(from: block)
            // The LF of a CRLF that the end of the block before cut in two.
            if position > block { found &= ~1 }
        }
        let end = block &+ found.trailingZeroBitCount
        guard end <= limit else { throw excess }
        guard bytes[end] == .carriageReturn else {
            throw bytes[end] == .lineFeed ? .bareLineFeed : .controlByte
        }
        guard end &+ 1 < bytes.count else { return nil }
        guard bytes[end &+ 1] == .lineFeed else { throw .bareCarriageReturn }
        // The bits of CR and LF; there is none for an LF in the next block, and then nothing is left here.
        found &= found &- 1
        found &= found &- 1
        position = end &+ 2
        return end
    }
}
