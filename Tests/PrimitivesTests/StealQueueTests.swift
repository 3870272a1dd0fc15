// Tests/PrimitivesTests/StealQueueTests.swift — order, room, halves, and thieves against an owner.

import Foundation
import Synchronization
import Testing

@testable import Primitives

struct StealQueueTests {
    private func drain(_ queue: borrowing StealQueue) -> [UInt] {
        var words: [UInt] = []
        while let word = queue.pop() { words.append(word) }
        return words
    }

    @Test func itIsFirstInFirstOutAndBounded() {
        let queue = StealQueue()
        #expect(queue.isEmpty == true)
        #expect(queue.pop() == nil)
        for word in 0..<StealQueue.capacity { #expect(queue.push(UInt(word)) == true) }
        #expect(queue.push(999) == false)
        #expect(queue.count == StealQueue.capacity)
        #expect(queue.pop() == 0)
        #expect(queue.push(256) == true)
        #expect(drain(queue) == (1...256).map { UInt($0) })
        #expect(queue.isEmpty == true)
    }

    @Test func itsSlotsAreUsedAgainAndAgain() {
        let queue = StealQueue()
        for word in 1...10_000 as ClosedRange<UInt> {
            #expect(queue.push(word) == true)
            if word % 3 == 0 { for _ in 0..<3 { #expect(queue.pop() != nil) } }
        }
        #expect(queue.count == 1)
    }

    @Test(arguments: [1, 2, 3, 7, 255, 256])
    func aThiefTakesTheOlderHalfInItsOrder(count: Int) {
        let queue = StealQueue()
        let own = StealQueue()
        for word in 0..<count { _ = queue.push(UInt(word)) }
        let half = count - count / 2
        #expect(queue.steal(into: own) == 0)
        #expect(drain(own) == (1..<half).map { UInt($0) })
        #expect(drain(queue) == (half..<count).map { UInt($0) })
        #expect(queue.steal(into: own) == nil)
    }

    @Test func aHalfIsPutBehindWhatIsThere() {
        let queue = StealQueue()
        let own = StealQueue()
        for word in 0..<200 as Range<UInt> { _ = own.push(1000 + word) }
        #expect(own.hasRoomForHalf == false)
        for _ in 0..<150 { _ = own.pop() }
        #expect(own.hasRoomForHalf == true)
        for word in 0..<256 as Range<UInt> { _ = queue.push(word) }
        #expect(queue.steal(into: own) == 0)
        #expect(drain(own) == (1150..<1200).map { UInt($0) } + (1..<128).map { UInt($0) })
    }

    /// Each word is taken once, by the owner or by a thief; what one thread takes of the owner's pushes is in order.
    @Test(.timeLimit(.minutes(1)), arguments: [1, 3])
    func eachWordIsTakenOnceWhileThievesSteal(thieves: Int) {
        let total = 300_000
        let queues = Shared([StealQueueBox]((0...thieves).map { _ in StealQueueBox() }))
        let seen = Shared([Atomic32]((0..<total).map { _ in Atomic32() }))
        let taken = Shared(Atomic<Int>(0))
        let stolen = Shared(Atomic<Int>(0))
        let disorder = Shared(Atomic<Int>(0))

        inParallel(thieves + 1) { thread in
            var last = -1
            func take(_ word: UInt, isStolen: Bool) {
                seen.value[Int(word)].value.add(1, ordering: .relaxed)
                taken.value.add(1, ordering: .relaxed)
                if isStolen { stolen.value.add(1, ordering: .relaxed) }
                if Int(word) <= last { disorder.value.add(1, ordering: .relaxed) }
                last = Int(word)
            }
            if thread == 0 {
                var next: UInt = 0
                while taken.value.load(ordering: .relaxed) < total {
                    // Bursts of all lengths: the queue is full, and empty, again and again.
                    for _ in 0..<(next % 400) where next < total {
                        guard queues.value[0].queue.push(next) else { break }
                        next += 1
                    }
                    if next < total, next % 400 == 0, queues.value[0].queue.push(next) { next += 1 }
                    for _ in 0..<(next % 7) {
                        guard let word = queues.value[0].queue.pop() else { break }
                        take(word, isStolen: false)
                    }
                    if next == total, let word = queues.value[0].queue.pop() { take(word, isStolen: false) }
                }
                return
            }
            while taken.value.load(ordering: .relaxed) < total {
                guard let word = queues.value[0].queue.steal(into: queues.value[thread].queue) else { continue }
                take(word, isStolen: true)
                while let word = queues.value[thread].queue.pop() { take(word, isStolen: true) }
            }
        }
        #expect(seen.value.allSatisfy { $0.value.load(ordering: .relaxed) == 1 }, "each word was taken once")
        #expect(disorder.value.load(ordering: .relaxed) == 0, "each thread takes in order")
        #expect(stolen.value.load(ordering: .relaxed) > 0, "thieves got some")
    }

    /// Thieves of thieves: a word that was stolen is stolen again.
    @Test(.timeLimit(.minutes(1))) func eachWordIsTakenOnceWhileAllStealFromAll() {
        let threads = 4
        let each = 50_000
        let queues = Shared([StealQueueBox]((0..<threads).map { _ in StealQueueBox() }))
        let seen = Shared([Atomic32]((0..<threads * each).map { _ in Atomic32() }))
        let taken = Shared(Atomic<Int>(0))

        inParallel(threads) { thread in
            func take(_ word: UInt) {
                seen.value[Int(word)].value.add(1, ordering: .relaxed)
                taken.value.add(1, ordering: .relaxed)
            }
            var next = 0
            var turn = thread
            while taken.value.load(ordering: .relaxed) < threads * each {
                for _ in 0..<turn % 50 where next < each {
                    guard queues.value[thread].queue.push(UInt(thread * each + next)) else { break }
                    next += 1
                }
                for _ in 0..<turn % 30 {
                    guard let word = queues.value[thread].queue.pop() else { break }
                    take(word)
                }
                turn += 7
                let victim = turn % threads
                guard victim != thread, queues.value[thread].queue.hasRoomForHalf else { continue }
                if let word = queues.value[victim].queue.steal(into: queues.value[thread].queue) { take(word) }
            }
        }
        #expect(seen.value.allSatisfy { $0.value.load(ordering: .relaxed) == 1 }, "each word was taken once")
    }
}

/// Structures that cannot be copied, for arrays.
final class StealQueueBox: @unchecked Sendable {
    let queue = StealQueue()
}

final class Atomic32: Sendable {
    let value = Atomic<UInt32>(0)
}

struct SharedQueueTests {
    private func numbers(_ list: UnsafeMutablePointer<InboxNode>?) -> [UInt] {
        Array(sequence(first: list) { $0?.pointee.next }.prefix { $0 != nil }.map { $0!.pointee.kind })
    }

    @Test func itGivesOutAsManyAsWereAskedForInOrder() {
        let queue = SharedQueue()
        let nodes = UnsafeMutablePointer<InboxNode>.allocate(capacity: 10)
        defer { nodes.deallocate() }
        #expect(queue.take(upTo: 4) == nil)
        for index in 0..<10 {
            (nodes + index).initialize(to: InboxNode(kind: UInt(index)))
            queue.push(nodes + index)
        }
        #expect(queue.count == 10)
        #expect(numbers(queue.take(upTo: 4)) == [0, 1, 2, 3])
        #expect(queue.count == 6)
        queue.push(nodes)
        #expect(numbers(queue.take(upTo: 100)) == [4, 5, 6, 7, 8, 9, 0])
        #expect(queue.isEmpty == true)
        queue.push(nodes + 3)
        #expect(numbers(queue.take(upTo: 1)) == [3])
    }

    @Test(.timeLimit(.minutes(1))) func nothingIsLostAmongManyThreads() {
        let threads = 4
        let each = 20_000
        let queue = Shared(SharedQueue())
        let nodes = Shared(UnsafeMutablePointer<InboxNode>.allocate(capacity: threads * each))
        defer { nodes.value.deallocate() }
        let sum = Shared(Atomic<UInt>(0))
        let taken = Shared(Atomic<Int>(0))
        inParallel(threads) { thread in
            var next = 0
            while taken.value.load(ordering: .relaxed) < threads * each {
                if next < each {
                    let index = thread * each + next
                    (nodes.value + index).initialize(to: InboxNode(kind: UInt(index)))
                    queue.value.push(nodes.value + index)
                    next += 1
                }
                if next % 3 > 0 && next < each { continue }
                var list = queue.value.take(upTo: 5)
                while let node = list {
                    list = node.pointee.next
                    sum.value.add(node.pointee.kind, ordering: .relaxed)
                    taken.value.add(1, ordering: .relaxed)
                }
            }
        }
        let count = UInt(threads * each)
        #expect(sum.value.load(ordering: .relaxed) == count * (count - 1) / 2)
        #expect(queue.value.isEmpty == true)
    }
}
