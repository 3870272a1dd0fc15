// Tests/LinuxTests/FutexTests.swift — sleeping on a word, and being woken.

import Foundation
import Linux
import Synchronization
import Testing

/// A word that threads share.
private final class Word: Sendable {
    private let word = Atomic<UInt32>(0)

    var value: UInt32 { word.load(ordering: .acquiring) }
    func set(_ value: UInt32) { word.store(value, ordering: .releasing) }
    func wait(while value: UInt32) { Futex.wait(on: word, while: value) }
    func wakeOne() { Futex.wakeOne(on: word) }
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
