// Tests/PrimitivesTests/SlotTableTests.swift — slots, stale handles, growth, and many threads.

import Bytes
import Foundation
import Synchronization
import Testing

@testable import Primitives

struct SlotTableTests {
    @Test func handlesSurviveTheTripThroughOneWord() {
        for (index, generation) in [(0, 1), (1, .max), (.max, 1), (0x1234_5678, 0x9ABC_DEF0)] as [(UInt32, UInt32)] {
            let handle = SlotHandle(index: index, generation: generation)
            #expect(SlotHandle(rawValue: handle.rawValue) == handle)
            #expect(handle.rawValue != 0)
        }
    }

    @Test func aSlotKeepsItsPayloadAndStateUntilItIsReleased() throws {
        let table = try SlotTable(capacity: 10)
        #expect(table.count == 0)
        let handle = try #require(table.allocate(payload: 4711, state: 3) as SlotHandle?)
        #expect(table.count == 1)
        #expect(table.payload(handle) == 4711)
        #expect(table.state(handle) == 3)
        #expect(table.compareExchangeState(handle, from: 2, to: 9) == .current(3))
        #expect(table.compareExchangeState(handle, from: 3, to: 9) == .ok)
        #expect(table.state(handle) == 9)
        #expect(table.release(handle) == true)
        #expect(table.count == 0)
    }

    @Test func aStaleHandleIsRecognisedByEveryOperation() throws {
        let table = try SlotTable(capacity: 10)
        let old = try #require(table.allocate(payload: 1, state: 1) as SlotHandle?)
        #expect(table.release(old) == true)
        for reused in [false, true] {
            if reused {
                let new = try #require(table.allocate(payload: 2, state: 1) as SlotHandle?)
                #expect(new.index == old.index)
                #expect(new.generation != old.generation)
            }
            #expect(table.payload(old) == nil)
            #expect(table.state(old) == nil)
            #expect(table.compareExchangeState(old, from: 1, to: 2) == .stale)
            #expect(table.release(old) == false)
        }
        #expect(table.count == 1)
    }

    @Test(arguments: [0, 5, 10, 4096, 1_000_000, UInt32.max])
    func aHandleOfASlotThatNeverWasIsStale(index: UInt32) throws {
        let table = try SlotTable(capacity: 10)
        _ = table.allocate(payload: 1, state: 0)
        let handle = SlotHandle(index: index, generation: 7)
        #expect(table.payload(handle) == nil)
        #expect(table.compareExchangeState(handle, from: 0, to: 1) == .stale)
        #expect(table.release(handle) == false)
    }

    @Test(arguments: [1, 10, Config.slotsPerChunk, Config.slotsPerChunk + 1, 3 * Config.slotsPerChunk - 1])
    func theTableGrowsToItsCapacityAndNotFurther(capacity: Int) throws {
        let table = try SlotTable(capacity: capacity)
        var handles: [SlotHandle] = []
        for number in 0..<capacity {
            handles.append(try #require(table.allocate(payload: UInt(number), state: 1) as SlotHandle?))
        }
        #expect(table.allocate(payload: 0, state: 0) == nil)
        #expect(table.count == capacity)
        #expect(Set(handles.map(\.index)).count == capacity)
        for (number, handle) in handles.enumerated() where table.payload(handle) != UInt(number) {
            Issue.record("slot \(number) lost its payload")
        }
        #expect(handles.allSatisfy { table.release($0) })
        #expect(table.count == 0)
        #expect(table.allocate(payload: 0, state: 0)?.index == handles.last?.index, "the one freed last comes first")
    }

    @Test func generationZeroIsSkipped() {
        #expect(
            SlotTable.Word(generation: .max, state: 7).released.bits == SlotTable.Word(generation: 1, state: 0).bits)
        #expect(SlotTable.Word(generation: 1, state: 7).released.bits == SlotTable.Word(generation: 2, state: 0).bits)
    }

    /// Threads take, mark and give back slots as fast as they can. If two ever held the same one, or a stale handle
    /// worked, a mark would be found wrong.
    @Test(.timeLimit(.minutes(1))) func aStormOfThreadsNeverSharesASlot() throws {
        let threads = 6
        let rounds = 20_000
        let capacity = 8
        let table = Shared(try SlotTable(capacity: capacity))
        let owners = Shared((0..<capacity).map { _ in Shared(Atomic<Int>(-1)) })
        let failures = Shared(Atomic<Int>(0))
        inParallel(threads) { thread in
            var stale: [SlotHandle] = []
            for round in 0..<rounds {
                let payload = UInt(thread << 32 | round)
                guard let handle = table.value.allocate(payload: payload, state: 1) else { continue }
                var isGood = owners.value[Int(handle.index)].value.exchange(thread, ordering: .relaxed) == -1
                isGood = isGood && table.value.payload(handle) == payload
                isGood = isGood && table.value.compareExchangeState(handle, from: 1, to: 2) == .ok
                for old in stale {
                    isGood = isGood && table.value.compareExchangeState(old, from: 1, to: 3) == .stale
                    isGood = isGood && table.value.payload(old) == nil && !table.value.release(old)
                }
                isGood = isGood && table.value.state(handle) == 2
                isGood = isGood && owners.value[Int(handle.index)].value.exchange(-1, ordering: .relaxed) == thread
                isGood = isGood && table.value.release(handle)
                stale = stale.suffix(3) + [handle]
                if !isGood { failures.value.add(1, ordering: .relaxed) }
            }
        }
        #expect(failures.value.load(ordering: .relaxed) == 0)
        #expect(table.value.count == 0)
    }

    /// All threads try to release the same handles: exactly one may succeed with each.
    @Test func oneOfManyReleasesSucceeds() throws {
        let slots = 5_000
        let table = Shared(try SlotTable(capacity: slots))
        let handles = Shared((0..<slots).map { table.value.allocate(payload: UInt($0), state: 0)! })
        let released = Shared(Atomic<Int>(0))
        inParallel(4) { _ in
            for handle in handles.value where table.value.release(handle) { released.value.add(1, ordering: .relaxed) }
        }
        #expect(released.value.load(ordering: .relaxed) == slots)
        #expect((0..<slots).allSatisfy { _ in table.value.allocate(payload: 0, state: 0) != nil })
        #expect(table.value.allocate(payload: 0, state: 0) == nil)
    }
}
