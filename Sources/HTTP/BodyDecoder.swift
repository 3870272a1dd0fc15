// Sources/HTTP/BodyDecoder.swift — finds the data in a request body.

import Bytes

/// Removes the framing of a request body, sized or chunked, however the bytes are cut (RFC 9112 §6, §7.1).
///
/// Keeps 24 bytes of state and no input: everything up to ``Step/consumed`` may be discarded. Chunk extensions and
/// trailers are checked, bounded and dropped.
///
///     size ─▶ (extension) ─▶ LF ─┬─ n > 0 ─▶ data ─▶ CR ─▶ LF ─▶ size
///                                └─ n = 0 ─▶ trailers ─▶ empty line ─▶ end
package struct BodyDecoder: Sendable {
    /// What one call found.
    package struct Step {
        /// Where body data lies in the bytes given; empty if there was none.
        package let data: Range<Int>
        /// How many of the bytes given are used up, data included.
        package let consumed: Int
        /// Whether the body ended; what follows `consumed` is the next request.
        package let isEnd: Bool
    }

    private enum State: UInt8 {
        /// No more body.
        case end
        /// In data; of a body of known size.
        case sized
        /// Before the first digit of a chunk size.
        case size
        /// After a digit of a chunk size.
        case moreSize
        /// After white space behind a chunk size: only an extension may follow.
        case blank
        /// In a chunk extension.
        case `extension`
        /// After the CR of a chunk size line.
        case sizeFeed
        /// In the data of a chunk.
        case chunk
        /// After the data of a chunk.
        case chunkReturn
        /// After the CR behind chunk data.
        case chunkFeed
        /// At the beginning of a trailer line.
        case trailer
        /// In a trailer's name.
        case trailerName
        /// In a trailer's value.
        case trailerValue
        /// After the CR of a trailer line.
        case trailerFeed
        /// After the CR of the empty line that ends the body.
        case endFeed
    }

    /// Bytes of data still to come, of the body or of this chunk; while the size is read, its value so far.
    private var remaining: UInt64 = 0
    /// Bytes of data that the limit still allows.
    private var allowance: UInt64
    /// Length so far of the chunk size line or the trailer section.
    private var lineLength: UInt32 = 0
    private var state: State

    /// A decoder for the body of a request that has none.
    @inline(__always)
    package init() {
        allowance = 0
        state = .end
    }

    /// A decoder for the body of a request.
    ///
    /// - Parameter limit: most bytes of data.
    /// - Throws: ``RequestError/bodyTooLarge`` if the head already says that there is more.
    @inline(__always)
    package init(_ framing: BodyFraming, limit: UInt64 = UInt64(Config.maxRequestBody)) throws(RequestError) {
        allowance = limit
        switch framing {
        case .none:
            state = .end
        case .sized(let length):
            guard length <= limit else { throw .bodyTooLarge }
            remaining = length
            state = length > 0 ? .sized : .end
        case .chunked:
            state = .size
        }
    }

    /// Whether the whole body was seen.
    @inline(__always)
    package var isEnd: Bool { state == .end }

    /// Continues with `bytes`, the input behind the bytes consumed so far.
    ///
    /// Stops after each run of data. Call again while something is left and ``isEnd`` is false. If nothing is left,
    /// more must be received. Cost: none for data, a few nanoseconds for each byte of framing.
    package mutating func next(_ bytes: Span<UInt8>) throws(RequestError) -> Step {
        var index = 0
        while index < bytes.count {
            switch state {
            case .end:
                return Step(data: index..<index, consumed: index, isEnd: true)
            case .sized, .chunk:
                let count = Int(min(remaining, UInt64(bytes.count - index)))
                remaining -= UInt64(count)
                if remaining == 0 { state = state == .sized ? .end : .chunkReturn }
                return Step(data: index..<index + count, consumed: index + count, isEnd: state == .end)
            default:
                try frame(bytes[index])
                index += 1
            }
        }
        return Step(data: index..<index, consumed: index, isEnd: state == .end)
    }

    /// Takes one byte of chunked framing.
    private mutating func frame(_ byte: UInt8) throws(RequestError) {
        switch state {
        case .size, .moreSize, .blank, .extension, .sizeFeed:
            try chunkLine(byte)
        case .chunkReturn:
            guard byte == .carriageReturn else { throw .malformedChunkEnd }
            state = .chunkFeed
        case .chunkFeed:
            guard byte == .lineFeed else { throw .malformedChunkEnd }
            state = .size
        default:
            try trailerSection(byte)
        }
    }

    /// Takes one byte of a line of chunk size and extensions.
    private mutating func chunkLine(_ byte: UInt8) throws(RequestError) {
        lineLength += 1
        guard lineLength <= UInt32(Config.maxChunkLine) else { throw .chunkLineTooLong }
        switch (state, byte) {
        case (.sizeFeed, .lineFeed):
            try beginChunk()
        case (.moreSize, .carriageReturn), (.extension, .carriageReturn):
            state = .sizeFeed
        case (.moreSize, .space), (.moreSize, .tab), (.blank, .space), (.blank, .tab):
            state = .blank
        case (.moreSize, UInt8(ascii: ";")), (.blank, UInt8(ascii: ";")):
            state = .extension
        case (.extension, _):
            guard !byte.isControl else { throw .malformedChunkSize }
        case (.size, _), (.moreSize, _):
            guard let digit = byte.hexadecimalValue, remaining >> 60 == 0 else { throw .malformedChunkSize }
            remaining = remaining << 4 | UInt64(digit)
            state = .moreSize
        default:
            throw .malformedChunkSize
        }
    }

    /// The size line is complete.
    private mutating func beginChunk() throws(RequestError) {
        guard remaining <= allowance else { throw .bodyTooLarge }
        allowance -= remaining
        lineLength = 0
        state = remaining > 0 ? .chunk : .trailer
    }

    /// Takes one byte of the trailer section or of the empty line that ends it (RFC 9112 §7.1.2).
    private mutating func trailerSection(_ byte: UInt8) throws(RequestError) {
        lineLength += 1
        guard lineLength <= UInt32(Config.maxTrailers) else { throw .trailersTooLarge }
        switch (state, byte) {
        case (.trailer, .carriageReturn):
            state = .endFeed
        case (.endFeed, .lineFeed):
            state = .end
        case (.trailerName, UInt8(ascii: ":")):
            state = .trailerValue
        case (.trailer, _), (.trailerName, _):
            guard ByteSet.token.contains(byte) else { throw .malformedTrailer }
            state = .trailerName
        case (.trailerValue, .carriageReturn):
            state = .trailerFeed
        case (.trailerFeed, .lineFeed):
            state = .trailer
        case (.trailerValue, _):
            guard !byte.isControl else { throw .malformedTrailer }
        default:
            throw .malformedTrailer
        }
    }
}
