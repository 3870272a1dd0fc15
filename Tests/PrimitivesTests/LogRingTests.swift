// Tests/PrimitivesTests/LogRingTests.swift — lines round the end, full rings, and two threads.

import Bytes
import Foundation
import Synchronization
import Testing

@testable import Primitives

struct LogRingTests {
    private func write(_ ring: borrowing LogRing, _ line: [UInt8]) -> LogRing.Outcome {
        ring.write { writer in writer.append(line.span) }
    }

    /// Takes everything that is there.
    private func read(_ ring: borrowing LogRing) -> [UInt8] {
        let bytes = ring.withReadable { first, second in
            first.indices.map { first[$0] } + second.indices.map { second[$0] }
        }
        ring.consume(bytes.count)
        return bytes
    }

    @Test func linesComeOutAsTheyWentIn() throws {
        let ring = try LogRing(capacity: 4096)
        #expect(read(ring) == [])
        #expect(write(ring, Array("[HTTP] fd=5\n".utf8)) == .written)
        #expect(write(ring, Array("[WS] fd=7\n".utf8)) == .written)
        #expect(ring.count == 22)
        #expect(read(ring) == Array("[HTTP] fd=5\n[WS] fd=7\n".utf8))
        #expect(ring.count == 0)
    }

    @Test func aLineMayBeTakenInParts() throws {
        let ring = try LogRing(capacity: 4096)
        _ = write(ring, [1, 2, 3, 4])
        ring.consume(3)
        #expect(read(ring) == [4])
    }

    /// Each length that matters, written at each offset of the ring: what goes round the end must come out whole.
    @Test(arguments: [1, 2, 63, 500, Config.maxLogLine - 1, Config.maxLogLine])
    func linesGoRoundTheEndAtEveryOffset(length: Int) throws {
        let capacity = 2 * Config.maxLogLine
        let ring = try LogRing(capacity: capacity)
        let line = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 + 1) }
        var seen = Set<Int>()
        var position = 0
        // An odd step reaches every offset, since the capacity is a power of two.
        let filler = [UInt8](repeating: 0xEE, count: (capacity + 1 - length % capacity) % capacity | 1)
        while seen.count < capacity {
            if !seen.insert(position % capacity).inserted {
                // The step of this length does not reach all: shift by one.
                _ = write(ring, [0xDD])
                #expect(read(ring) == [0xDD])
                position += 1
                continue
            }
            #expect(write(ring, line) != .dropped)
            let got = read(ring)
            if got != line { Issue.record("length \(length) at offset \(position % capacity)") }
            position += length
            for chunk in [filler.prefix(Config.maxLogLine), filler.dropFirst(Config.maxLogLine)] where !chunk.isEmpty {
                _ = write(ring, Array(chunk))
                if read(ring) != Array(chunk) { Issue.record("filler at offset \(position % capacity)") }
                position += chunk.count
            }
        }
    }

    @Test func aFullRingDropsAndCounts() throws {
        let ring = try LogRing(capacity: 2 * Config.maxLogLine)
        let line = [UInt8](repeating: 65, count: Config.maxLogLine)
        var kept = 0
        while write(ring, line) != .dropped { kept += 1 }
        #expect(kept == 2)
        #expect(write(ring, [1]) == .dropped)
        #expect(ring.takeDropped() == 2)
        #expect(ring.takeDropped() == 0)
        #expect(read(ring).count == kept * line.count)
        #expect(write(ring, line) != .dropped)
    }

    @Test func aLineThatIsTooLongIsDroppedWhole() throws {
        let ring = try LogRing(capacity: 4096)
        #expect(write(ring, [1]) == .written)
        #expect(write(ring, [UInt8](repeating: 2, count: Config.maxLogLine + 1)) == .dropped)
        #expect(write(ring, [3]) == .written)
        #expect(read(ring) == [1, 3])
        #expect(ring.takeDropped() == 1)
    }

    @Test func theFirstLineForASleepingConsumerWakesItAndNoOther() throws {
        let ring = try LogRing(capacity: 4096)
        #expect(ring.prepareToSleep() == true)
        #expect(write(ring, [1]) == .writtenWake)
        #expect(write(ring, [2]) == .written)
        #expect(ring.prepareToSleep() == false, "there is something to read")
        #expect(write(ring, [3]) == .written, "the announcement was withdrawn")
        #expect(read(ring) == [1, 2, 3])
        #expect(ring.prepareToSleep() == true)
        ring.stayAwake()
        #expect(write(ring, [4]) == .written)
    }

    @Test func dropsKeepTheConsumerAwakeUntilTheyAreReported() throws {
        let ring = try LogRing(capacity: 4096)
        _ = write(ring, [UInt8](repeating: 2, count: Config.maxLogLine + 1))
        #expect(ring.prepareToSleep() == false)
        #expect(ring.takeDropped() == 1)
        #expect(ring.prepareToSleep() == true)
    }

    @Test func aRingThatBecomesHalfFullWakesOnce() throws {
        let ring = try LogRing(capacity: 4096)
        let line = [UInt8](repeating: 65, count: 512)
        for round in 0..<3 {
            let outcomes = (0..<6).map { _ in write(ring, line) }
            #expect(outcomes == [.written, .written, .written, .writtenWake, .written, .written], "round \(round)")
            _ = read(ring)
        }
    }

    /// A crash handler looks at the ring beside a producer that runs on: it sees whole lines, and takes nothing.
    @Test func lookingTakesNothing() throws {
        let ring = try LogRing(capacity: 4096)
        _ = write(ring, Array("[A]\n".utf8))
        for _ in 0..<3 {
            let seen = ring.withReadable { first, second in first.count + second.count }
            #expect(seen == 4)
        }
        #expect(read(ring) == Array("[A]\n".utf8))
    }

    /// A line that was begun and not ended is not there, and the next one takes its place.
    @Test func aLineIsThereWhenItIsCommitted() throws {
        let ring = try LogRing(capacity: 4096)
        if var line = ring.begin() { line.append("half") }
        #expect(ring.count == 0)
        if var line = ring.begin() {
            line.append("whole")
            #expect(ring.commit(line) == .written)
        }
        #expect(read(ring) == Array("whole".utf8))
    }

    /// The consumer sleeps on a semaphore whenever it finds nothing: a lost wake-up hangs the test.
    @Test(.timeLimit(.minutes(1))) func twoThreadsPassEveryLineOn() throws {
        let lines = 60_000
        let ring = Shared(try LogRing(capacity: 4096))
        let bell = DispatchSemaphore(value: 0)
        let isDone = Shared(Atomic<Bool>(false))
        let received = Shared([UInt8]())
        let sent = Shared(0)
        let dropped = Shared(0)
        inParallel(2) { thread in
            if thread == 0 {
                for number in 0..<lines {
                    // Line by line, lengths vary, and each says which it is.
                    let outcome = ring.value.write { writer in
                        writer.append(decimal: number)
                        for _ in 0..<number % 50 { writer.append(UInt8(ascii: ".")) }
                        writer.append(UInt8(ascii: "\n"))
                    }
                    if outcome == .writtenWake { bell.signal() }
                    if outcome != .dropped { sent.value += 1 }
                }
                isDone.value.store(true, ordering: .sequentiallyConsistent)
                bell.signal()
                return
            }
            while true {
                let wasDone = isDone.value.load(ordering: .sequentiallyConsistent)
                received.value += read(ring.value)
                dropped.value += ring.value.takeDropped()
                if wasDone { return }
                if ring.value.prepareToSleep() { bell.wait() }
            }
        }
        #expect(sent.value + dropped.value == lines)
        var expected = -1
        for line in received.value.split(separator: UInt8(ascii: "\n")) {
            let digits = line.prefix { $0 != UInt8(ascii: ".") }
            let number = try #require(Int(String(decoding: digits, as: UTF8.self)))
            #expect(number > expected)
            #expect(line.count == digits.count + number % 50)
            expected = number
        }
        #expect(received.value.count { $0 == UInt8(ascii: "\n") } == sent.value)
    }
}
