// Tests/WebSocketTests/Reference/ReferenceDecoder.swift — a slow and plain reader of a client's frames.
//
// Written from RFC 6455 alone: it shares no code with the module, and imports nothing.

/// What a client's bytes mean, one event after the other. After a close or a failure there are none.
enum SessionEvent: Equatable {
    case message(isText: Bool, [UInt8])
    case ping([UInt8])
    case pong([UInt8])
    case close(code: UInt16?, reason: [UInt8])
    /// The name of the case of `WebSocketFailure`.
    case failure(String)
}

/// Reads a byte after the other, as RFC 6455 §5.2 to §5.5, §7.4 and §8.1 tell it.
struct ReferenceDecoder {
    /// What came.
    private(set) var events: [SessionEvent] = []
    /// How many bytes it took to know all events: the last one's last byte, or the one that proves the failure.
    private(set) var used = 0

    /// The same for the events that a server shows; see ``SessionEvent/shown``.
    private(set) var usedForShown = 0

    private enum Stop: Error {
        case ranOut
        case closed
        case failed(String)
    }

    private let bytes: [UInt8]
    private let maxFrame: UInt64
    private let maxMessage: UInt64
    private var position = 0

    /// The message that is under way.
    private var fragments: [UInt8]?
    private var isText = false
    /// Its bytes, as the headers of its frames announced them.
    private var announced: UInt64 = 0
    private var text = ReferenceUTF8()

    /// Reads all of `bytes`.
    init(_ bytes: [UInt8], maxFrame: Int, maxMessage: Int) {
        self.bytes = bytes
        self.maxFrame = UInt64(maxFrame)
        self.maxMessage = UInt64(maxMessage)
        do throws(Stop) {
            while true { try frame() }
        } catch .failed(let name) {
            note(.failure(name))
        } catch {
            // The bytes ran out, or the client closed.
        }
    }

    private mutating func note(_ event: SessionEvent) {
        events.append(event)
        used = position
        if event.shown != nil { usedForShown = position }
    }

    private mutating func byte() throws(Stop) -> UInt8 {
        guard position < bytes.count else { throw .ranOut }
        position += 1
        return bytes[position - 1]
    }

    private mutating func frame() throws(Stop) {
        let first = try byte()
        if first & 0b0111_0000 != 0 { throw .failed("reservedBits") }
        let isFinal = first >= 128
        let opcode = first % 16
        switch opcode {
        case 0: if fragments == nil { throw .failed("unexpectedContinuation") }
        case 1, 2: if fragments != nil { throw .failed("expectedContinuation") }
        case 8, 9, 10: if !isFinal { throw .failed("fragmentedControl") }
        default: throw .failed("reservedOpcode")
        }
        let length = try length(isControl: opcode >= 8)
        if opcode < 8 {
            if length > maxFrame { throw .failed("frameTooBig") }
            let total = announced + length
            if total > maxMessage { throw .failed("messageTooBig") }
            announced = total
        }
        let key = [try byte(), try byte(), try byte(), try byte()]
        if opcode >= 8 {
            try control(opcode, length, key)
        } else {
            try data(opcode, length, key, isFinal)
        }
    }

    private mutating func length(isControl: Bool) throws(Stop) -> UInt64 {
        let second = try byte()
        if second < 128 { throw .failed("unmasked") }
        let short = second - 128
        if isControl && short > 125 { throw .failed("longControl") }
        if short <= 125 { return UInt64(short) }
        var value: UInt64 = 0
        for digit in 0..<(short == 126 ? 2 : 8) {
            let next = try byte()
            if short == 127 && digit == 0 && next >= 128 { throw .failed("lengthOverflow") }
            value = value * 256 + UInt64(next)
        }
        if value < (short == 126 ? 126 : 65536) { throw .failed("longFormLength") }
        return value
    }

    private mutating func data(_ opcode: UInt8, _ length: UInt64, _ key: [UInt8], _ isFinal: Bool) throws(Stop) {
        if opcode != 0 {
            fragments = []
            isText = opcode == 1
            text = ReferenceUTF8()
        }
        var index = 0
        while UInt64(index) < length {
            let next = try byte() ^ key[index % 4]
            fragments!.append(next)
            if isText, !text.takes(next) { throw .failed("invalidUTF8") }
            index += 1
        }
        guard isFinal else { return }
        if isText, !text.isComplete { throw .failed("invalidUTF8") }
        note(.message(isText: isText, fragments!))
        fragments = nil
        announced = 0
    }

    private mutating func control(_ opcode: UInt8, _ length: UInt64, _ key: [UInt8]) throws(Stop) {
        var payload: [UInt8] = []
        while UInt64(payload.count) < length { payload.append(try byte() ^ key[payload.count % 4]) }
        switch opcode {
        case 9: note(.ping(payload))
        case 10: note(.pong(payload))
        default:
            if payload.isEmpty {
                note(.close(code: nil, reason: []))
                throw .closed
            }
            if payload.count == 1 { throw .failed("shortClosePayload") }
            let code = UInt16(payload[0]) * 256 + UInt16(payload[1])
            let isReserved = [1004, 1005, 1006].contains(code) || (1015..<3000).contains(code)
            if code < 1000 || code >= 5000 || isReserved { throw .failed("badCloseCode") }
            let reason = Array(payload[2...])
            var check = ReferenceUTF8()
            for next in reason where !check.takes(next) { throw .failed("invalidUTF8") }
            if !check.isComplete { throw .failed("invalidUTF8") }
            note(.close(code: code, reason: reason))
            throw .closed
        }
    }
}

/// Reads UTF-8 by the grammar of RFC 3629 §4.
struct ReferenceUTF8 {
    /// One row for each alternative of the rule `UTF8-char`.
    private static let characters: [[ClosedRange<UInt8>]] = [
        [0x00...0x7F],
        [0xC2...0xDF, tail],
        [0xE0...0xE0, 0xA0...0xBF, tail],
        [0xE1...0xEC, tail, tail],
        [0xED...0xED, 0x80...0x9F, tail],
        [0xEE...0xEF, tail, tail],
        [0xF0...0xF0, 0x90...0xBF, tail, tail],
        [0xF1...0xF3, tail, tail, tail],
        [0xF4...0xF4, 0x80...0x8F, tail, tail],
    ]
    private static let tail: ClosedRange<UInt8> = 0x80...0xBF

    /// The bytes of a character that is not complete.
    private var begun: [UInt8] = []

    /// Whether the bytes so far end with a character.
    var isComplete: Bool { begun.isEmpty }

    /// Whether `byte` can follow what came before. Not asked again after it could not.
    mutating func takes(_ byte: UInt8) -> Bool {
        begun.append(byte)
        rows: for row in Self.characters where row.count >= begun.count {
            for place in 0..<begun.count where !row[place].contains(begun[place]) { continue rows }
            if row.count == begun.count { begun.removeAll(keepingCapacity: true) }
            return true
        }
        return false
    }
}
