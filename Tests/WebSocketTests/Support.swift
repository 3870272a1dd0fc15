// Tests/WebSocketTests/Support.swift — bytes, frames and chance for the tests of the codec.

import Bytes
import WebSocket

/// What `body` writes into `capacity` bytes; nil if it does not fit.
func written(_ capacity: Int = 8192, body: (inout ByteWriter) -> Void) -> [UInt8]? {
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    defer { unsafe memory.deallocate() }
    var writer = unsafe ByteWriter(unsafeBase: memory, capacity: capacity)
    body(&writer)
    return writer.overflowed ? nil : array(writer.bytes)
}

/// The bytes that are written in hexadecimal, with blanks wherever they please.
func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.filter { !$0.isWhitespace }.map { UInt8($0.hexDigitValue!) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// A client's frame, with its length in the form of `lengthBytes` (0, 2 or 8), by default the shortest.
func clientFrame(
    _ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D],
    lengthBytes: Int? = nil
) -> [UInt8] {
    let lengthBytes = lengthBytes ?? (payload.count <= 125 ? 0 : payload.count <= 0xFFFF ? 2 : 8)
    var frame = [opcode | (isFinal ? 0x80 : 0)]
    switch lengthBytes {
    case 0: frame.append(0x80 | UInt8(payload.count))
    case 2: frame.append(0x80 | 126)
    default: frame.append(0x80 | 127)
    }
    for digit in (0..<lengthBytes).reversed() { frame.append(UInt8(truncatingIfNeeded: payload.count >> (digit * 8))) }
    return frame + key + payload.indices.map { payload[$0] ^ key[$0 % 4] }
}

/// What a decoder said to some bytes.
enum Judgement: Equatable {
    case incomplete
    case refused(WebSocketFailure)
    case header(FrameHeader)

    var failure: WebSocketFailure? {
        if case .refused(let failure) = self { failure } else { nil }
    }
}

extension FrameDecoder {
    /// A decoder in the middle of a message of this kind, or of none.
    init(within message: Opcode?) {
        self.init()
        guard let message else { return }
        let frame = clientFrame(message.rawValue, [], isFinal: false)
        if case .header(let header) = judge(frame) { advance(past: header) }
    }

    /// What the decoder says to `bytes`, from `offset` on.
    func judge(_ bytes: [UInt8], at offset: Int = 0, _ limits: FrameLimits = FrameLimits()) -> Judgement {
        do throws(WebSocketFailure) {
            guard let header = try header(of: bytes.span, at: offset, limits) else { return .incomplete }
            return .header(header)
        } catch {
            return .refused(error)
        }
    }
}
