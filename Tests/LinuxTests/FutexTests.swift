// Tests/LinuxTests/FutexTests.swift — sleeping on a word, and being woken.

import Foundation
import Linux
import Synchronization
import Testing

/// A word in memory of its own, as a mutex has it.
private final class Word: @unchecked Sendable {
    let pointer = UnsafeMutablePointer<Atomic<UInt32>>.allocate(capacity: 1)

    init() { unsafe pointer.initialize(to: Atomic(0)) }

    deinit {
        unsafe pointer.deinitialize(count: 1)
        unsafe pointer.deallocate()
    }

    var value: UInt32 { unsafe pointer.pointee.load(ordering: .acquiring) }
    func set(_ value: UInt32) { unsafe pointer.pointee.store(value, ordering: .releasing) }
    func wait(while value: UInt32) { unsafe Futex.wait(on: pointer, while: value) }
    func wakeOne() { unsafe Futex.wakeOne(on: pointer) }
}

@Suite struct FutexTests {
    @Test func aWordThatHasChangedLetsNoThreadSleep() {
        let word = Word()
        word.set(1)
        word.wait(while: 0)
        word.wakeOne()
        #expect(word.value == 1)
    }

    @Test func aThreadThatSleepsIsWoken() {
        let word = Word()
        let hasEnded = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            while word.value == 0 { word.wait(while: 0) }
            hasEnded.signal()
        }
        Thread.sleep(forTimeInterval: 0.01)
        word.set(1)
        word.wakeOne()
        #expect(hasEnded.wait(timeout: .now() + 20) == .success)
    }
}
