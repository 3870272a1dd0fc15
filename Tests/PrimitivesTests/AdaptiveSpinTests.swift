// Tests/PrimitivesTests/AdaptiveSpinTests.swift — attempts go on where they pay, and die out where they do not.

import Primitives
import TestSupport
import Testing

/// How many of `waits` waits begin with an attempt, if `pays` says of each attempt whether it pays.
private func attempts(_ spin: inout AdaptiveSpin, waits: Int, pays: (Int) -> Bool) -> Int {
    var count = 0
    for _ in 0..<waits where spin.isDue() {
        spin.attempted(hasPaid: pays(count))
        count += 1
    }
    return count
}

@Suite struct AdaptiveSpinTests {
    @Test func everyWaitIsAttemptedWhileItPays() {
        var spin = AdaptiveSpin()
        #expect(attempts(&spin, waits: 1000) { _ in true } == 1000)
    }

    @Test func oneFailureInFourDoesNoHarm() {
        var spin = AdaptiveSpin()
        // A failure adds two, and is paid off by the next two of three successes.
        #expect(attempts(&spin, waits: 1000) { $0 % 4 != 3 } > 350)
    }

    @Test func attemptsInVainBecomeRare() {
        var spin = AdaptiveSpin()
        let first = attempts(&spin, waits: 300) { _ in false }
        #expect(first <= 6)
        // From then on one of 2⁸ waits.
        #expect(attempts(&spin, waits: 25_600) { _ in false } <= 101)
    }

    @Test func halfOfThemInVainIsTooMuch() {
        var spin = AdaptiveSpin()
        var chance = Chance(1)
        #expect(attempts(&spin, waits: 100_000) { _ in chance.isOnce(in: 2) } < 3000)
    }

    @Test func betterTimesAreNoticed() {
        var spin = AdaptiveSpin()
        _ = attempts(&spin, waits: 10_000) { _ in false }
        // The penalty goes down step by step: 2⁸ + 2⁷ + … waits.
        _ = attempts(&spin, waits: 512) { _ in true }
        #expect(attempts(&spin, waits: 1000) { _ in true } == 1000)
    }
}
