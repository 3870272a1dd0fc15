// Tests/LinuxTests/IORingTests.swift — io_uring's requests, against what system calls of their own would say

import Glibc
import Testing

@testable import Linux

/// Two connected sockets, which are closed at the end.
private struct Pair: ~Copyable {
    let near: FileDescriptor
    let far: FileDescriptor

    init() {
        var pair: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        near = FileDescriptor(rawValue: pair[0])
        far = FileDescriptor(rawValue: pair[1])
    }

    deinit {
        near.close()
        far.close()
    }
}

/// Where the kernel has no io_uring, or a sandbox forbids it, there is nothing to test.
private let isAvailable: Bool = {
    do {
        try IORing.probe()
        return true
    } catch {
        return false
    }
}()

/// Submits, and returns the results by their tags.
private func results(_ ring: inout IORing) -> [Int: Int] {
    var found: [Int: Int] = [:]
    ring.submit { tag, result in found[tag] = result }
    return found
}

extension IORing {
    /// Adds a send of one piece.
    fileprivate mutating func addSend(
        _ descriptor: FileDescriptor, _ bytes: UnsafePointer<UInt8>, _ length: Int, tag: Int
    ) {
        withUnsafePointer(to: IOVector(bytes, length)) { addSend(descriptor, $0, count: 1, tag: tag) }
    }
}

@Suite(.enabled(if: isAvailable), .serialized) struct IORingTests {
    @Test func sendsAndReceivesInOneCall() throws {
        var ring = try IORing(capacity: 8)
        let pair = Pair()
        let sent = Array("hello".utf8)
        var received = [UInt8](repeating: 0, count: 16)
        sent.withUnsafeBufferPointer { sent in
            received.withUnsafeMutableBufferPointer { received in
                ring.addSend(pair.near, sent.baseAddress.unsafelyUnwrapped, sent.count, tag: 7)
                ring.addReceive(
                    pair.far, into: received.baseAddress.unsafelyUnwrapped, capacity: received.count, tag: 9)
                #expect(ring.count == 2)
                #expect(results(&ring) == [7: 5, 9: 5])
                #expect(ring.count == 0)
            }
        }
        #expect(Array(received[..<5]) == sent)
    }

    @Test func saysWhatSystemCallsSay() throws {
        var ring = try IORing(capacity: 8)
        let empty = Pair()
        let ended = Pair()
        try ended.near.shutdownSending()
        var buffer = [UInt8](repeating: 0, count: 16)
        buffer.withUnsafeMutableBufferPointer { buffer in
            let bytes = buffer.baseAddress.unsafelyUnwrapped
            // Nothing there, the peer's end, a direction that is shut down, no descriptor.
            ring.addReceive(empty.far, into: bytes, capacity: 16, tag: 0)
            ring.addReceive(ended.far, into: bytes, capacity: 16, tag: 1)
            ring.addSend(ended.near, bytes, 16, tag: 2)
            ring.addSend(FileDescriptor(rawValue: 9999), bytes, 16, tag: 3)
            // One that fails keeps the ones behind it from nothing.
            ring.addSend(empty.near, bytes, 16, tag: 4)
            #expect(results(&ring) == [0: -Int(EAGAIN), 1: 0, 2: -Int(EPIPE), 3: -Int(EBADF), 4: 16])
        }
    }

    @Test func sendsAsMuchAsThereIsRoomFor() throws {
        var ring = try IORing(capacity: 2)
        let pair = Pair()
        let bytes = [UInt8](repeating: 1, count: 4 << 20)
        try bytes.withUnsafeBufferPointer { bytes in
            let start = bytes.baseAddress.unsafelyUnwrapped
            ring.addSend(pair.near, start, bytes.count, tag: 0)
            ring.addSend(pair.near, start, bytes.count, tag: 1)
            let found = results(&ring)
            let first = try #require(found[0])
            #expect(first > 0 && first < bytes.count)
            #expect(found[1] == -Int(EAGAIN))
        }
    }

    @Test func sendsPiecesAsOne() throws {
        var ring = try IORing(capacity: 4)
        let first = Pair()
        let second = Pair()
        let bytes = Array("abcdefghij".utf8)
        var received = [UInt8](repeating: 0, count: 16)
        try bytes.withUnsafeBufferPointer { bytes in
            let start = bytes.baseAddress.unsafelyUnwrapped
            let pieces = [IOVector(start + 7, 3), IOVector(start, 2), IOVector(start + 4, 1), IOVector(start, 10)]
            pieces.withUnsafeBufferPointer { pieces in
                let some = pieces.baseAddress.unsafelyUnwrapped
                // Two messages at a time, and one piece between them.
                ring.addSend(first.near, some, count: 3, tag: 0)
                ring.addSend(second.near, some + 3, count: 1, tag: 1)
                ring.addSend(second.near, some + 1, count: 2, tag: 2)
                #expect(results(&ring) == [0: 6, 1: 10, 2: 3])
            }
            for (pair, expected) in [(first.far, "hijabe"), (second.far, "abcdefghijabe")] {
                let found = try received.withUnsafeMutableBufferPointer {
                    try pair.receive(into: $0.baseAddress.unsafelyUnwrapped, capacity: $0.count)
                }
                guard case .bytes(let count) = found else { throw Errno.wouldBlock }
                #expect(String(decoding: received[..<count], as: UTF8.self) == expected)
            }
        }
    }

    @Test func sendsAPartOfThePieces() throws {
        var ring = try IORing(capacity: 1)
        let pair = Pair()
        let bytes = [UInt8](repeating: 1, count: 1 << 20)
        try bytes.withUnsafeBufferPointer { bytes in
            let pieces = [IOVector](repeating: IOVector(bytes.baseAddress.unsafelyUnwrapped, bytes.count), count: 8)
            try pieces.withUnsafeBufferPointer { pieces in
                ring.addSend(pair.near, pieces.baseAddress.unsafelyUnwrapped, count: pieces.count, tag: 0)
                let sent = try #require(results(&ring)[0])
                #expect(sent > 0 && sent < 8 << 20)
                ring.addSend(pair.near, pieces.baseAddress.unsafelyUnwrapped, count: pieces.count, tag: 0)
                #expect(results(&ring) == [0: -Int(EAGAIN)])
            }
        }
    }

    @Test func goesRoundAndRound() throws {
        var ring = try IORing(capacity: 4)
        let pair = Pair()
        var byte: UInt8 = 0
        withUnsafeMutablePointer(to: &byte) { byte in
            // The queues' ends pass the capacity many times, with every number of requests.
            for turn in 0..<1000 {
                let count = turn % (ring.capacity / 2) + 1
                var expected: [Int: Int] = [:]
                for number in 0..<count {
                    ring.addSend(pair.near, byte, 1, tag: 2 * number)
                    ring.addReceive(pair.far, into: byte, capacity: 1, tag: 2 * number + 1)
                    expected[2 * number] = 1
                    expected[2 * number + 1] = 1
                }
                #expect(results(&ring) == expected)
            }
        }
    }

    @Test func hasNothingToDo() throws {
        var ring = try IORing(capacity: 4)
        #expect(ring.capacity == 4)
        #expect(results(&ring).isEmpty)
    }

    @Test func moreRequestsThanFitTrap() async {
        await #expect(processExitsWith: .failure) {
            var ring = try IORing(capacity: 2)
            let pair = Pair()
            let bytes = [UInt8](repeating: 0, count: 4)
            bytes.withUnsafeBufferPointer { bytes in
                for tag in 0..<3 { ring.addSend(pair.near, bytes.baseAddress.unsafelyUnwrapped, 4, tag: tag) }
            }
        }
    }
}
