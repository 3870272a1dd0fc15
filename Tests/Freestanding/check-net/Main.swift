// Tests/Freestanding/check-net/Main.swift — what Net's buffers and lists refuse: handlers that ask for too much.

import Bytes
import CLinux
import CheckSupport
import Linux
import Net
import Options
import Runtime
import Synchronization

@main enum Main {
    static func main() {
        limitTime(seconds: 20)
        for misuse in Misuse.allCases {
            let child = Child.runToDie {
                FileDescriptor.standardError.close()
                _ = serve { TrappingHandler($0, misuse) }
                Runtime.join()
            }
            child.check(.killed(Signal(rawValue: SIGILL)), misuse.claim)
        }
        for bytes in [1, 3, 4096] {
            Child.runToEnd("what the list of pieces has no room for is refused") {
                checkAnswer(serve { QuotingHandler($0, bytes) })
            }
        }
        Child.runToEnd("what the output has no room for is refused") { checkAnswer(serve { FillingHandler($0) }) }
        finish()
    }
}

/// Uses that would break an invariant of a connection's receive buffer, each of which ends the process.
private enum Misuse: CaseIterable {
    /// More is consumed than was received.
    case consumesTooMuch
    /// Less than nothing is consumed.
    case consumesBackwards
    /// Bytes are taken from behind those that were received.
    case consumesBehindTheEnd
    /// Bytes are taken from before those that were received.
    case consumesBeforeTheStart

    var claim: StaticString {
        switch self {
        case .consumesTooMuch: "more than was received cannot be consumed"
        case .consumesBackwards: "less than nothing cannot be consumed"
        case .consumesBehindTheEnd: "bytes behind the input cannot be consumed"
        case .consumesBeforeTheStart: "bytes before the input cannot be consumed"
        }
    }
}

private final class TrappingHandler: ConnectionHandler {
    private let misuse: Misuse

    init(_ loop: ConnectionLoop, _ misuse: Misuse) {
        self.misuse = misuse
        super.init(loop)
    }

    override func serveWithoutSuspending() -> Bool {
        let count = input.count
        switch misuse {
        case .consumesTooMuch: consume(count + 1)
        case .consumesBackwards: consume(-1)
        case .consumesBehindTheEnd: consume(2, at: count - 1)
        case .consumesBeforeTheStart: consume(1, at: -1)
        }
        close()
        return true
    }
}

/// Quotes many more pieces than one send takes, and writes between them.
private final class QuotingHandler: ConnectionHandler {
    private let length: Int

    init(_ loop: ConnectionLoop, _ length: Int) {
        self.length = length
        super.init(loop)
    }

    override func serveWithoutSuspending() -> Bool {
        consume(input.count)
        var accepted = 0
        for turn in 0..<200 {
            // SAFETY: `answer` is never written.
            let isTaken = unsafe quote(answer.span.extracting(first: length))
            if isTaken { accepted += 1 }
            if turn % 2 == 0 { output.append(answer.span.extracting(first: 1)) }
        }
        check(accepted > 1 && accepted < Config.piecesPerSend, "as many pieces are taken as there is room for")
        expected.store(accepted * length + 100, ordering: .relaxed)
        close()
        return true
    }
}

/// Appends more than the output buffer holds.
private final class FillingHandler: ConnectionHandler {
    override func serveWithoutSuspending() -> Bool {
        consume(input.count)
        var written = 0
        for _ in 0..<(2 * Config.sendBufferSize / answer.count) {
            let before = output.count
            output.append(answer.span)
            written += output.count - before
        }
        check(output.overflowed && written <= Config.sendBufferSize, "the output ends where its memory does")
        expected.store(written, ordering: .relaxed)
        close()
        return true
    }
}

/// What handlers send.
private let answer: [4096 of UInt8] = .init(repeating: UInt8(ascii: "x"))
/// How many bytes the handler has sent. Relaxed: the worker stores it before it sends them.
private let expected = Atomic<Int>(0)

/// Serves one connection by a handler of `make`'s, with input of three bytes. Returns the peer's end of it.
private func serve(_ make: @escaping (ConnectionLoop) -> ConnectionHandler) -> FileDescriptor {
    var ends: (Int32, Int32) = (-1, -1)
    // SAFETY: the kernel writes two ints.
    let result = unsafe withUnsafeMutablePointer(to: &ends) { ends in
        // AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK
        linux_syscall4(Int(__NR_socketpair), 1, 1 | 0o4000, 0, Int(bitPattern: ends))
    }
    check(result == 0, "socketpair works")
    let peer = FileDescriptor(rawValue: ends.1)
    do throws(Errno) {
        try Runtime.prepare(RuntimeOptions())
        let worker = Scheduler.worker(0)
        _ = try ConnectionLoop(worker, settings: ConnectionSettings(), makeHandler: make)
        try Runtime.run()
        guard let slot = DescriptorTable.open(FileDescriptor(rawValue: ends.0)) else { throw .tooManyOpenFiles }
        // SAFETY: the slot is not looked at any more.
        unsafe Scheduler.send(slot, to: worker)
        try peer.writeAll(answer.span.extracting(first: 3))
    } catch {
        check(false, "a connection is served")
    }
    return peer
}

/// Reads to the end: all bytes that the handler counts have come.
private func checkAnswer(_ peer: FileDescriptor) {
    var room: [65536 of UInt8] = .init(repeating: 0)
    var received = 0
    while true {
        var span = room.mutableSpan
        let count = unsafe span.withUnsafeMutableBytes { bytes in
            // SAFETY: the array's own memory.
            linux_syscall3(Int(__NR_read), Int(peer.rawValue), Int(bitPattern: bytes.baseAddress), bytes.count)
        }
        if count == 0 { break }
        if count == -Int(EAGAIN) {
            RawThread.yield()
            continue
        }
        check(count > 0, "the peer can read")
        for index in 0..<count where room[index] != UInt8(ascii: "x") { check(false, "every byte is the handler's") }
        received += count
    }
    check(received == expected.load(ordering: .relaxed), "what was taken arrives, and nothing else")
}
