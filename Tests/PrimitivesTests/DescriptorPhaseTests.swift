// Tests/PrimitivesTests/DescriptorPhaseTests.swift — every pair of phases: which may follow which.

import Testing

@testable import Primitives

struct DescriptorPhaseTests {
    /// The arrows of the diagram at ``DescriptorPhase``, but for those to `closed`.
    private static let arrows: [(DescriptorPhase, DescriptorPhase)] = [
        (.closed, .listening), (.closed, .opened),
        (.opened, .fresh),
        (.fresh, .serving), (.fresh, .freshWaitingForMemory),
        (.freshWaitingForMemory, .fresh), (.freshWaitingForMemory, .serving),
        (.idle, .serving), (.idle, .waitingForMemory),
        (.waitingForMemory, .idle), (.waitingForMemory, .serving),
        (.serving, .idle), (.serving, .flushing), (.serving, .flushingBeforeLinger), (.serving, .lingering),
        (.flushingBeforeLinger, .lingering),
    ]

    @Test func theTableIsTheDiagram() {
        for phase in DescriptorPhase.allCases {
            for next in DescriptorPhase.allCases {
                let isArrow = Self.arrows.contains { $0 == (phase, next) }
                let isClosing = next == .closed && phase != .closed
                #expect(phase.mayBecome(next) == (isArrow || isClosing), "\(phase) to \(next)")
            }
        }
    }

    @Test func noPhaseFollowsItself() {
        for phase in DescriptorPhase.allCases { #expect(!phase.mayBecome(phase), "\(phase)") }
    }

    @Test func everyPhaseIsReachedFromZeroedMemory() {
        var reached: [DescriptorPhase] = [DescriptorPhase(rawValue: 0)].compactMap { $0 }
        var next = 0
        while next < reached.count {
            for phase in DescriptorPhase.allCases where reached[next].mayBecome(phase) && !reached.contains(phase) {
                reached.append(phase)
            }
            next += 1
        }
        #expect(reached.first == .closed)
        #expect(reached.count == DescriptorPhase.allCases.count)
    }

    @Test func groupsOfPhases() {
        #expect(DescriptorPhase.allCases.filter { !$0.isOpen } == [.closed])
        #expect(DescriptorPhase.allCases.filter(\.isWaitingForMemory) == [.freshWaitingForMemory, .waitingForMemory])
        #expect(DescriptorPhase.allCases.filter(\.isEnding) == [.flushing, .flushingBeforeLinger, .lingering])
    }
}
