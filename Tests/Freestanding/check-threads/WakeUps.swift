// Tests/Freestanding/check-threads/WakeUps.swift — a hundred thousand times: a wake-up that is lost hangs the program.

import CheckSupport
import Linux
import Runtime
import Synchronization

/// Tasks that other threads wake. Stored before the first of them runs.
nonisolated(unsafe) private var members: [TaskHandle] = []

/// Makes `members`, one on each worker, and wakes them.
private func start(_ work: @escaping @Sendable (Int) async -> Void) {
    unsafe members = []
    for index in 0..<Scheduler.workerCount {
        guard let handle = TaskHandle.spawn(on: Scheduler.worker(index), { await work(index) }) else {
            return check(false, "a task gets a slot")
        }
        unsafe members.append(handle)
    }
    for index in unsafe members.indices { wake(index) }
}

private func wake(_ index: Int) { unsafe members[index].wake() }

/// A token that goes round: a task on each worker takes it, wakes the next one, and parks.
enum Ring {
    private static let hops = 20_000
    private static let token = Atomic<Int>(0)

    static func run() {
        start { index in await Ring.work(index) }
        wait { TaskHandle.count == 0 }
        check(token.load(ordering: .relaxed) == hops, "the token went all the way")
    }

    private static func work(_ index: Int) async {
        while true {
            let hop = token.load(ordering: .acquiring)
            if hop >= hops { break }
            guard hop % Scheduler.workerCount == index else {
                await TaskHandle.park()
                continue
            }
            token.store(hop + 1, ordering: .releasing)
            wake((index + 1) % Scheduler.workerCount)
        }
        wake((index + 1) % Scheduler.workerCount)
    }
}

/// A thread that is no worker asks a task, and asks again as soon as it has the answer: just when the task is about to
/// park. If that wake-up is lost, no other follows.
enum Echo {
    private static let questionsPerTask = 20_000
    private static let questions: [4 of AtomicWord] = .init { _ in AtomicWord() }
    private static let answers: [4 of AtomicWord] = .init { _ in AtomicWord() }

    static func run() {
        start { index in await Echo.work(index) }
        for index in questions.indices {
            for question in 1...questionsPerTask {
                questions[index].value.store(UInt(question), ordering: .releasing)
                wake(index)
                waitForAnswer(index, UInt(question))
            }
        }
        wait { TaskHandle.count == 0 }
    }

    private static func waitForAnswer(_ index: Int, _ question: UInt) {
        var turns = 0
        while answers[index].value.load(ordering: .acquiring) != question {
            turns += 1
            // The worker may need this very processor.
            if turns % 1000 == 0 { RawThread.yield() } else { RawThread.relax() }
        }
    }

    private static func work(_ index: Int) async {
        while answers[index].value.load(ordering: .relaxed) < questionsPerTask {
            let question = questions[index].value.load(ordering: .acquiring)
            answers[index].value.store(question, ordering: .releasing)
            if question < questionsPerTask { await TaskHandle.park() }
        }
    }
}

/// Threads that are no workers put letters into the boxes of tasks, and wake them; the tasks empty their boxes and
/// park. No wake-up follows: the last letter's wake-up has to arrive as well.
enum Letters {
    private static let senders = 3
    private static let lettersPerSender = 20_000
    private static let boxes: [4 of AtomicWord] = .init { _ in AtomicWord() }
    private static let received = Atomic<Int>(0)
    private static let isOver = Atomic<Bool>(false)

    static func run() {
        start { index in await Letters.work(index) }
        var threads: [Thread] = []
        for number in 0..<senders {
            do throws(Errno) {
                threads.append(try Thread.spawn("sender") { Letters.send(seed: number + 1) })
            } catch {
                check(false, "a thread starts")
            }
        }
        for thread in threads { thread.join() }
        wait { received.load(ordering: .relaxed) == senders * lettersPerSender }
        isOver.store(true, ordering: .releasing)
        for index in boxes.indices { wake(index) }
        wait { TaskHandle.count == 0 }
    }

    private static func send(seed: Int) {
        var random = Random(seed: seed)
        for _ in 0..<lettersPerSender {
            let index = random.next(below: boxes.count)
            boxes[index].value.add(1, ordering: .releasing)
            wake(index)
            // Long enough, now and then, for the tasks to park and their workers to sleep.
            if random.next(below: 64) == 0 { RawThread.yield() }
        }
    }

    private static func work(_ index: Int) async {
        while !isOver.load(ordering: .acquiring) {
            let letters = boxes[index].value.exchange(0, ordering: .acquiring)
            received.add(Int(letters), ordering: .relaxed)
            await TaskHandle.park()
        }
    }
}
