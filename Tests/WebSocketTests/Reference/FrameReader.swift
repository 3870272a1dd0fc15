// Tests/WebSocketTests/Reference/FrameReader.swift — a connection's input and output around the product's assembler.

import Bytes
import Glibc
import WebSocket

/// Shows a client's bytes to a ``MessageAssembler`` in pieces, as a server does, and notes what it makes of them.
///
/// Each call is given a copy of just what it may see, so that the address sanitizer notices if it looks farther.
@safe struct FrameReader: ~Copyable {
    /// What came. Pings are known by their answers; Pongs change nothing, and are not in here.
    private(set) var events: [SessionEvent] = []
    /// Whether a close or a failure has come: nothing more is read.
    private(set) var isOver = false

    private let limits: FrameLimits
    private let echoes: Bool
    /// Size of the output buffer, which is emptied when the assembler says so, or after each step.
    private let room: Int
    private let memory: UnsafeMutablePointer<UInt8>
    private var assembler: MessageAssembler
    /// What came and was not consumed.
    private var input: [UInt8] = []

    /// Before the first byte.
    ///
    /// - Parameter echoes: whether messages are sent back, and read from the output, where that can be done at once.
    init(
        maxFrame: Int, maxMessage: Int, echoes: Bool = false, hasSentClose: Bool = false, room: Int = 200_000,
        store: consuming ByteStore = .onGlibc()
    ) {
        var limits = FrameLimits()
        limits.maxFrame = maxFrame
        limits.maxMessage = maxMessage
        self.limits = limits
        self.echoes = echoes
        self.room = room
        unsafe memory = .allocate(capacity: room)
        assembler = MessageAssembler(store: store)
        assembler.begin(echoes: echoes, hasSentClose: hasSentClose)
    }

    deinit { unsafe memory.deallocate() }

    /// Takes the next piece.
    mutating func read(_ piece: some Sequence<UInt8>) {
        guard !isOver else { return }
        input += piece
        // SAFETY: the writer is gone before the memory is.
        var output = unsafe ByteWriter(unsafeBase: memory, capacity: room)
        do throws(WebSocketFailure) {
            while true {
                guard !isOver, try step(&output) else { break }
            }
        } catch {
            note(&output)
            events.append(.failure("\(error)"))
            isOver = true
        }
        note(&output)
    }

    /// Whether there is more to do without more bytes.
    private mutating func step(_ output: inout ByteWriter) throws(WebSocketFailure) -> Bool {
        if echoes {
            let seen = input
            var position = 0
            while let header = try assembler.echo(seen.span, at: position, &output, limits) {
                position += header.count + header.payloadCount
            }
            input.removeFirst(position)
        }
        var seen = input
        var span = seen.mutableSpan
        let step = try assembler.next(&span, &output, limits)
        note(&output)
        seen.removeFirst(assembler.consumed)
        if step == .message {
            let message = array(assembler.message(in: seen.span))
            events.append(.message(isText: assembler.isText, message))
            assembler.endMessage()
            seen.removeFirst(assembler.consumed)
        }
        input = seen
        if step == .needsRoom { precondition(output.count == 0) }
        if step == .closed { isOver = true }
        precondition(isOver == (assembler.readyState == .closed))
        return step != .needsInput
    }

    /// Reads what the assembler has written, and empties the output.
    private mutating func note(_ output: inout ByteWriter) {
        precondition(!output.overflowed)
        var rest = array(output.bytes)[...]
        output.removeAll()
        while let opcode = rest.popFirst() {
            // The shortest form of the length is checked by the tests of writing.
            var count = Int(rest.removeFirst())
            let digits = count == 126 ? 2 : count == 127 ? 8 : 0
            if digits > 0 { count = rest.prefix(digits).reduce(0) { $0 << 8 | Int($1) } }
            rest = rest.dropFirst(digits)
            let payload = Array(rest.prefix(count))
            rest = rest.dropFirst(count)
            switch opcode {
            case 0x81, 0x82: events.append(.message(isText: opcode == 0x81, payload))
            case 0x8A: events.append(.ping(payload))
            case 0x88:
                let code = payload.isEmpty ? nil : UInt16(payload[0]) << 8 | UInt16(payload[1])
                events.append(.close(code: code, reason: []))
            default: preconditionFailure("a frame that no server sends: \(opcode)")
            }
        }
    }
}

/// The bytes of a span.
func array(_ bytes: Span<UInt8>) -> [UInt8] {
    bytes.indices.map { bytes[$0] }
}

extension SessionEvent {
    /// The event as far as a server shows it to its client or to a handler: nil for a Pong, and no reason of a Close.
    var shown: SessionEvent? {
        switch self {
        case .pong: nil
        case .close(let code, _): .close(code: code, reason: [])
        case .message, .ping, .failure: self
        }
    }
}

extension ByteStore {
    /// A store on glibc's heap.
    static func onGlibc() -> ByteStore {
        unsafe ByteStore { block, size in
            guard size > 0 else {
                unsafe free(block)
                return nil
            }
            return unsafe realloc(block, size)
        }
    }

    /// A store that gets no memory.
    static func refused() -> ByteStore { unsafe ByteStore { _, _ in nil } }
}
