// Tests/Freestanding/check-channels/Semaphores.swift — permits: never too many, never lost, and in turn.

import CheckSupport
import Linux
import Runtime
import Synchronization
import _Concurrency

private final class Room: Sendable {
    let inside = Atomic<Int>(0)
    let most = Atomic<Int>(0)
    let turns = Atomic<Int>(0)

    func enter() {
        let count = inside.add(1, ordering: .relaxed).newValue
        most.max(count, ordering: .relaxed)
        turns.add(1, ordering: .relaxed)
    }

    func leave() { inside.subtract(1, ordering: .relaxed) }
}

private enum Failure: Error {
    case wanted
}

func semaphores() async {
    await permitsAreBounded()
    await permitsGoInTurn()
    await waitsAreCancelled()
    await cancellationMeetsSignal()
}

private func permitsAreBounded() async {
    let semaphore = AsyncSemaphore(permits: 3)
    let room = Room()
    await together(16) { number in
        for turn in 0..<50 {
            do throws(Failure) {
                let result = try await semaphore.withPermit { () async throws(Failure) -> Int in
                    room.enter()
                    await Task.yield()
                    room.leave()
                    if turn == 25 { throw .wanted }
                    return turn
                }
                check(result == turn, "the result of the section comes back")
            } catch {
                check(turn == 25, "the section's error comes back")
            }
        }
    }
    check(room.turns.load(ordering: .relaxed) == 16 * 50, "each task has had its turns")
    check(room.most.load(ordering: .relaxed) <= 3, "there are never more inside than there are permits")
    checkPermits(of: semaphore, 3)
}

private func checkPermits(of semaphore: AsyncSemaphore, _ count: Int) {
    for _ in 0..<count { check(semaphore.tryWait(), "each permit has come back") }
    check(!semaphore.tryWait(), "and no more")
    for _ in 0..<count { semaphore.signal() }
}

/// More permits than there are.
func givenBackTwice() {
    let child = Child.runToDie {
        FileDescriptor.standardError.close()
        let semaphore = AsyncSemaphore(permits: 1)
        if semaphore.tryWait() { semaphore.signal() }
        semaphore.signal()
    }
    child.check(.killed(Signal(rawValue: 4)), "a permit that was not taken cannot be given back")
}

private func permitsGoInTurn() async {
    let semaphore = AsyncSemaphore(permits: 1)
    let order = Mutex<[Int]>([])
    check(semaphore.tryWait(), "a permit is free")
    var tasks: [Task<Void, Never>] = []
    let shared = Shared(order)
    for number in 0..<8 {
        tasks.append(
            await task(on: number) {
                _ = await semaphore.withPermit { shared.order.withLock { $0.append(number) } }
            })
        await settle()
    }
    semaphore.signal()
    for task in tasks { await task.value }
    shared.order.withLock { order in
        for number in 0..<8 { check(order[number] == number, "the task that has waited longest is next") }
    }
}

/// Something to share a mutex by.
private final class Shared: Sendable {
    let order: Mutex<[Int]>

    init(_ order: consuming Mutex<[Int]>) { self.order = order }
}

private func waits(for semaphore: AsyncSemaphore) async -> Bool {
    do throws(CancellationError) {
        try await semaphore.wait()
        return true
    } catch { return false }
}

private func waitsAreCancelled() async {
    let semaphore = AsyncSemaphore(permits: 1)
    check(await waits(for: semaphore), "a free permit is taken")
    let first = await task(on: 1) { await waits(for: semaphore) }
    await settle()
    let second = await task(on: 2) { await semaphore.withPermit { true } }
    await settle()
    first.cancel()
    check(await first.value == false, "a task that waits ends when it is cancelled")
    semaphore.signal()
    check(await second.value == true, "the permit goes to the one behind it")
    let late = await task(on: 1) { () -> Bool in
        while !Task.isCancelled { await Task.yield() }
        return await waits(for: semaphore)
    }
    late.cancel()
    check(await late.value, "a cancelled task takes a free permit")
    let never = await task(on: 1) { () -> Bool in
        while !Task.isCancelled { await Task.yield() }
        return await semaphore.withPermit { true } == nil
    }
    never.cancel()
    check(await never.value, "and waits for none")
    semaphore.signal()
    checkPermits(of: semaphore, 1)
}

private func cancellationMeetsSignal() async {
    let semaphore = AsyncSemaphore(permits: 1)
    for round in 0..<150 {
        check(semaphore.tryWait(), "the permit of the last round has come back")
        let waiting = await task(on: round) { await waits(for: semaphore) }
        if round % 4 == 0 { await settle() }
        let canceller = await task(on: round + 1) { waiting.cancel() }
        semaphore.signal()
        await canceller.value
        if await waiting.value { semaphore.signal() }
    }
    checkPermits(of: semaphore, 1)
}
