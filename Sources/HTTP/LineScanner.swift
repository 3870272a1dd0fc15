// Sources/HTTP/LineScanner.swift — cuts a head into lines.

import Utilities

/// Finds the lines of a head, one after the other, and refuses every byte that may stand in none of them.
///
/// A line ends with CRLF; a CR or LF of its own is an error, as RFC 9112 §2.2 allows, because peers disagree on them.
struct LineScanner {
    private var controls: ControlScanner
    /// Where the next line begins.
    private(set) var position = 0

    @inline(__always)
    init(_ bytes: Span<UInt8>) {
        controls = ControlScanner(bytes, from: 0)
    }

    /// The end of the line that begins at ``position``, which moves behind its CRLF; nil if there is no whole line yet.
    ///
    /// - Parameter limit: where the line must end at the latest.
    /// - Throws: `excess` as soon as the line must end after `limit`, whatever else is wrong with it.
    @inline(__always)
    mutating func next(
        in bytes: Span<UInt8>, limit: Int, excess: RequestError
    ) throws(RequestError) -> Int? {
        guard let end = controls.next(in: bytes) else {
            guard bytes.count <= limit else { throw excess }
            return nil
        }
        guard end <= limit else { throw excess }
        guard bytes[end] == .carriageReturn else {
            throw bytes[end] == .lineFeed ? .bareLineFeed : .controlByte
        }
        guard end + 1 < bytes.count else { return nil }
        guard bytes[end + 1] == .lineFeed else { throw .bareCarriageReturn }
        position = end + 2
        return end
    }
}
