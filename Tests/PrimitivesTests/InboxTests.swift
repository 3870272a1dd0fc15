// Tests/PrimitivesTests/InboxTests.swift — order, sleep, and many senders at once.

import Foundation
import Synchronization
import Testing

@testable import Primitives

struct InboxTests {
    /// `count` entries of kinds `first...`.
    private func makeNodes(_ count: Int, from first: UInt = 0) -> UnsafeMutablePointer<InboxNode> {
        let nodes = UnsafeMutablePointer<InboxNode>.allocate(capacity: count)
        for index in 0..<count { (nodes + index).initialize(to: InboxNode(kind: first + UInt(index))) }
        return nodes
    }

    private func kinds(_ list: UnsafeMutablePointer<InboxNode>?) -> [UInt] {
        Array(sequence(first: list) { $0?.pointee.next }.prefix { $0 != nil }.map { $0!.pointee.kind })
    }

    @Test func aNodeTakesSixteenBytes() {
        #expect(MemoryLayout<InboxNode>.size == 16)
        #expect(MemoryLayout<Inbox>.size == 8)
    }

    @Test func entriesComeOutInTheOrderInWhichTheyWentIn() {
        let inbox = Inbox()
        let nodes = makeNodes(5)
        defer { nodes.deallocate() }
        #expect(inbox.isEmpty == true)
        #expect(inbox.drain() == nil)
        for index in 0..<5 { #expect(inbox.push(nodes + index) == false) }
        #expect(inbox.isEmpty == false)
        #expect(kinds(inbox.drain()) == [0, 1, 2, 3, 4])
        #expect(inbox.isEmpty == true)
        #expect(inbox.drain() == nil)
    }

    @Test func onlyTheFirstPushAfterTheOwnerFellAsleepMustWakeIt() {
        let inbox = Inbox()
        let nodes = makeNodes(3)
        defer { nodes.deallocate() }
        #expect(inbox.prepareToSleep() == true)
        #expect(inbox.isEmpty == true)
        #expect(inbox.push(nodes) == true)
        #expect(inbox.push(nodes + 1) == false)
        #expect(kinds(inbox.drain()) == [0, 1])
        #expect(inbox.push(nodes + 2) == false)
    }

    @Test func theOwnerDoesNotSleepOnAFullInbox() {
        let inbox = Inbox()
        let nodes = makeNodes(1)
        defer { nodes.deallocate() }
        _ = inbox.push(nodes)
        #expect(inbox.prepareToSleep() == false)
        #expect(kinds(inbox.drain()) == [0])
        #expect(inbox.prepareToSleep() == true)
    }

    @Test func drainingAnEmptyInboxWakesItsOwner() {
        let inbox = Inbox()
        let nodes = makeNodes(1)
        defer { nodes.deallocate() }
        #expect(inbox.prepareToSleep() == true)
        #expect(inbox.drain() == nil)
        #expect(inbox.push(nodes) == false, "the owner is awake: no caller has to ring")
    }

    /// The owner sleeps on a semaphore whenever it finds nothing: a lost wake-up would hang the test, a lost or
    /// reordered entry fails it.
    @Test(.timeLimit(.minutes(1))) func manyProducersLoseNothingWhileTheOwnerSleepsNowAndThen() {
        let producers = 6
        let each = 20_000
        let inbox = Shared(Inbox())
        let bell = DispatchSemaphore(value: 0)
        let nodes = Shared((0..<producers).map { makeNodes(each, from: UInt($0) << 32) })
        defer { nodes.value.forEach { $0.deallocate() } }
        let order = Shared([UInt](repeating: 0, count: producers))
        let sleeps = Shared(0)
        let counter = Shared(Atomic<Int>(0))

        inParallel(producers + 1) { thread in
            if thread < producers {
                for index in 0..<each {
                    if inbox.value.push(nodes.value[thread] + index) {
                        counter.value.add(1, ordering: .relaxed)
                        bell.signal()
                    }
                }
                return
            }
            var received = 0
            while received < producers * each {
                var list = inbox.value.drain()
                if list == nil && inbox.value.prepareToSleep() {
                    sleeps.value += 1
                    bell.wait()
                    list = inbox.value.drain()
                }
                while let node = list {
                    list = node.pointee.next
                    let producer = Int(node.pointee.kind >> 32)
                    guard order.value[producer] == node.pointee.kind & 0xFFFF_FFFF else { return }
                    order.value[producer] += 1
                    received += 1
                }
            }
        }
        #expect(order.value == Array(repeating: UInt(each), count: producers))
        #expect(counter.value.load(ordering: .relaxed) == sleeps.value, "one ring a sleep")
    }
}
