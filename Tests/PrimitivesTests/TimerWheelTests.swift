// Tests/PrimitivesTests/TimerWheelTests.swift — deadlines near and far, against a list that is searched.

import TestSupport
import Testing

@testable import Primitives

/// Nodes in one block of memory, named by their index.
private final class Timers {
    let nodes: UnsafeMutablePointer<TimerNode>
    let count: Int

    init(_ count: Int) {
        self.count = count
        nodes = .allocate(capacity: count)
        nodes.initialize(repeating: TimerNode(), count: count)
    }

    deinit { nodes.deallocate() }

    subscript(index: Int) -> UnsafeMutablePointer<TimerNode> { nodes + index }

    func index(of node: UnsafeMutablePointer<TimerNode>) -> Int { node - nodes }
}

struct TimerWheelTests {
    /// Moves the clock and tells which timers expired.
    private func advance(_ wheel: borrowing TimerWheel, to now: UInt64, _ timers: Timers) -> [Int] {
        var expired: [Int] = []
        wheel.advance(to: now) { expired.append(timers.index(of: $0)) }
        return expired
    }

    @Test func aNodeTakesTwentyFourBytes() {
        #expect(MemoryLayout<TimerNode>.size == 24)
    }

    @Test func anEmptyWheelNeedsNoCall() throws {
        let wheel = try TimerWheel(tickShift: 3, now: 1000)
        #expect(wheel.nextDeadline == nil)
        wheel.advance(to: 1 << 40) { _ in Issue.record("nothing was scheduled") }
        #expect(wheel.nextDeadline == nil)
    }

    @Test(arguments: [0, 3, 4] as [UInt64]) func aTimerExpiresOnTimeAtEachDistance(tickShift: UInt64) throws {
        let tick = UInt64(1) << tickShift
        var distances: [UInt64] = []
        for power in 0..<27 as Range<UInt64> {
            distances += [(1 << power) - 1, 1 << power, (1 << power) + 1, (1 << power) + tick]
        }
        for start in [0, 1, 63, 64, 12345, 1 << 24, (1 << 30) - 1] as [UInt64] {
            for distance in distances {
                let wheel = try TimerWheel(tickShift: tickShift, now: start)
                let timers = Timers(1)
                let deadline = start + distance
                wheel.schedule(timers[0], at: deadline)
                // Only the calls that the wheel asks for.
                var calls = 0
                var now = start
                var expired: [Int] = []
                while expired.isEmpty, let next = wheel.nextDeadline {
                    #expect(next > now)
                    now = max(next, now)
                    expired = advance(wheel, to: now, timers)
                    calls += 1
                }
                #expect(expired == [0])
                #expect(now >= deadline && now < max(deadline, start + 1) + tick, "from \(start) by \(distance)")
                #expect(calls <= 2 + Int(distance >> (tickShift + 23)), "from \(start) by \(distance)")
                #expect(wheel.nextDeadline == nil)
                #expect(!timers[0].pointee.isScheduled)
            }
        }
    }

    @Test func aClockThatStandsStillOrGoesBackDoesNothing() throws {
        let wheel = try TimerWheel(tickShift: 0, now: 100)
        let timers = Timers(1)
        wheel.schedule(timers[0], at: 50)
        #expect(advance(wheel, to: 100, timers) == [])
        #expect(advance(wheel, to: 10, timers) == [])
        #expect(advance(wheel, to: 101, timers) == [0])
    }

    @Test func aCancelledTimerNeverExpiresAndIsNotWaitedFor() throws {
        for distance in [1, 70, 5_000, 300_000, 1 << 25] as [UInt64] {
            let wheel = try TimerWheel(tickShift: 0, now: 7)
            let timers = Timers(3)
            for index in 0..<3 { wheel.schedule(timers[index], at: 7 + distance) }
            wheel.cancel(timers[1])
            wheel.cancel(timers[1])
            #expect(advance(wheel, to: 7 + distance, timers).sorted() == [0, 2])
            for index in 0..<3 { wheel.schedule(timers[index], at: 7 + 3 * distance) }
            for index in [2, 0, 1] { wheel.cancel(timers[index]) }
            #expect(wheel.nextDeadline == nil)
            #expect(advance(wheel, to: 1 << 30, timers) == [])
        }
    }

    @Test func aTimerThatIsScheduledTwiceTrapsInDebugBuilds() async {
        await #expect(processExitsWith: .failure) {
            let wheel = try TimerWheel(tickShift: 0, now: 7)
            let timers = Timers(1)
            wheel.schedule(timers[0], at: 10)
            wheel.schedule(timers[0], at: 20)
        }
    }

    /// What is known of the next deadline follows each change, also where nothing expires.
    @Test func theNextDeadlineFollowsEveryChange() throws {
        let wheel = try TimerWheel(tickShift: 0, now: 0)
        let timers = Timers(3)
        wheel.schedule(timers[0], at: 5000)
        #expect(wheel.nextDeadline == 5000)
        wheel.schedule(timers[1], at: 300)
        #expect(wheel.nextDeadline == 300)
        wheel.schedule(timers[2], at: 400)
        #expect(wheel.nextDeadline == 300)
        #expect(advance(wheel, to: 299, timers) == [])
        #expect(wheel.nextDeadline == 300)
        wheel.cancel(timers[1])
        #expect(wheel.nextDeadline == 400)
        #expect(advance(wheel, to: 400, timers) == [2])
        #expect(wheel.nextDeadline == 5000)
        #expect(advance(wheel, to: 4999, timers) == [])
        #expect(advance(wheel, to: 5000, timers) == [0])
        #expect(wheel.nextDeadline == nil)
    }

    @Test func aCallbackMayCancelWhatIsDueAtTheSameTick() throws {
        let wheel = try TimerWheel(tickShift: 3, now: 0)
        let timers = Timers(10)
        for index in 0..<10 { wheel.schedule(timers[index], at: 100) }
        var expired: [Int] = []
        wheel.advance(to: 104) { node in
            expired.append(timers.index(of: node))
            for index in 0..<10 where index % 2 != expired[0] % 2 { wheel.cancel(timers[index]) }
        }
        #expect(expired.count == 5)
        #expect(Set(expired.map { $0 % 2 }).count == 1)
    }

    @Test func aCallbackThatSchedulesForNowIsServedInTheNextCall() throws {
        let wheel = try TimerWheel(tickShift: 3, now: 0)
        let timers = Timers(2)
        wheel.schedule(timers[0], at: 8)
        var expired = 0
        for now in [800, 808, 816] as [UInt64] {
            wheel.advance(to: now) { node in
                expired += 1
                wheel.schedule(node, at: now)
            }
            #expect(expired == Int(now - 792) / 8)
            #expect(wheel.nextDeadline == now + 8)
        }
    }

    @Test func aFarBucketFullOfTimersIsEnteredBeforeItsFirstDeadline() throws {
        let wheel = try TimerWheel(tickShift: 0, now: 0)
        let timers = Timers(100)
        for index in 0..<100 { wheel.schedule(timers[index], at: 4096 * 2 + 1000) }
        #expect(wheel.nextDeadline! <= 4096 * 2 + 1000)
        for index in 1..<100 { wheel.cancel(timers[index]) }
        #expect(wheel.nextDeadline == 4096 * 2 + 1000)
    }

    /// Random scheduling, cancelling and time steps, held against a plain list of deadlines.
    @Test(arguments: 0..<24 as Range<UInt64>) func theWheelDoesWhatASortedListDoes(seed: UInt64) throws {
        var random = Chance(seed)
        let tickShift = [0, 3, 6][Int(seed % 3)] as UInt64
        let tick = UInt64(1) << tickShift
        var now = UInt64.random(in: 0..<1 << 40, using: &random)
        let wheel = try TimerWheel(tickShift: tickShift, now: now)
        let timers = Timers(200)
        var model: [Int: UInt64] = [:]
        var expirations = 0

        for _ in 0..<4_000 {
            let index = Int.random(in: 0..<timers.count, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                if model[index] != nil { wheel.cancel(timers[index]) }
                let deadline =
                    now + UInt64.random(in: 0..<1 << UInt64.random(in: 1..<28, using: &random), using: &random)
                wheel.schedule(timers[index], at: deadline)
                model[index] = deadline
            case 5..<7:
                wheel.cancel(timers[index])
                model[index] = nil
            default:
                let asked = wheel.nextDeadline
                #expect((asked == nil) == model.isEmpty)
                let step = UInt64.random(in: 0..<1 << UInt64.random(in: 1..<20, using: &random), using: &random)
                now = Bool.random(using: &random) ? (asked ?? now) : now + step
                var rescheduled: [Int: UInt64] = [:]
                wheel.advance(to: now) { node in
                    let index = timers.index(of: node)
                    expirations += 1
                    guard let deadline = model.removeValue(forKey: index) else {
                        Issue.record("timer \(index) was not scheduled")
                        return
                    }
                    #expect(deadline <= now, "too early")
                    if index % 7 == 0 {
                        rescheduled[index] = now + UInt64(index)
                        wheel.schedule(node, at: now + UInt64(index))
                    }
                }
                // What is still there must not have been due a whole tick ago.
                #expect(model.values.allSatisfy { $0 + tick > now }, "too late")
                model.merge(rescheduled) { $1 }
                if let first = model.values.min(), let next = wheel.nextDeadline {
                    #expect(next < max(first, now + 1) + tick, "the wheel would sleep too long")
                }
            }
        }
        #expect(expirations > 100)
        for index in model.keys { #expect(timers[index].pointee.isScheduled) }
    }
}
