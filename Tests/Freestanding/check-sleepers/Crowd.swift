// Tests/Freestanding/check-sleepers/Crowd.swift — many tasks that sleep: the memory of each, and that it comes back.

import Bytes
import CheckSupport
import Linux
import Primitives
import Runtime
import Synchronization
import _Concurrency

enum Crowd {
    /// Most bytes of resident memory for each task. A task has a block of 512 bytes; its closure has one too.
    private static let limit = 640
    private static let asleep = Atomic<Int>(0)
    private static let awake = Atomic<Int>(0)
    private static let rounds = 2

    /// Tasks are made on one worker and run there; in every other round another worker cancels and frees them.
    static func run(_ count: Int) {
        let start = residentBytes()
        for round in 0..<rounds {
            asleep.store(0, ordering: .relaxed)
            awake.store(0, ordering: .relaxed)
            let tasks = Tasks()
            TaskHandle.spawnTask(on: Scheduler.worker(0)) { tasks.fill(count) }
            wait { asleep.load(ordering: .relaxed) == count }
            // The list of the tasks takes memory too.
            let taken = (residentBytes() - start) / count - MemoryLayout<Task<Void, Never>>.stride
            report("bytes of resident memory for each sleeping task", taken)
            check(taken <= limit, "a sleeping task takes little memory")
            TaskHandle.spawnTask(on: Scheduler.worker(round % 2)) { tasks.cancel() }
            wait { awake.load(ordering: .relaxed) == count && TaskHandle.count == 0 }
            tasks.release(on: round % 2)
        }
        // Each worker gives back at its next rest.
        var left = residentBytes()
        let end = Clock.monotonicMilliseconds + 10_000
        while left - start > count * limit / 20 + (1 << 20), Clock.monotonicMilliseconds < end {
            RawThread.yield()
            left = residentBytes()
        }
        report("bytes of resident memory left of each", (left - start) / count)
        check(left - start <= count * limit / 20 + (1 << 20), "tasks that have ended give their memory back")
    }

    fileprivate static func makeSleeper() -> Task<Void, Never> {
        Task {
            asleep.add(1, ordering: .relaxed)
            await sleep(milliseconds: 3_600_000)
            awake.add(1, ordering: .relaxed)
        }
    }

    private static func wait(until isSo: () -> Bool) {
        while !isSo() { RawThread.yield() }
    }
}

/// The tasks of a round.
///
/// SHARED: one task after the other uses it.
private final class Tasks: @unchecked Sendable {
    private var list: [Task<Void, Never>] = []

    func fill(_ count: Int) {
        list.reserveCapacity(count)
        for _ in 0..<count { list.append(Crowd.makeSleeper()) }
    }

    func cancel() { for task in list { task.cancel() } }

    func release(on worker: Int) {
        TaskHandle.spawnTask(on: Scheduler.worker(worker)) { self.list = [] }
        while TaskHandle.count > 0 { RawThread.yield() }
    }
}

/// The second number of /proc/self/statm, in bytes: proc_pid_statm(5).
private func residentBytes() -> Int {
    let name: StaticString = "/proc/self/statm"
    guard let path = Path(name.bytes) else { return 0 }
    do throws(Errno) {
        let text = try File.read(path, limit: 100)
        var fields = [0, 0]
        var field = 0
        for byte in text {
            if byte == UInt8(ascii: " ") { field += 1 }
            if field > 1 { break }
            if byte >= UInt8(ascii: "0") { fields[field] = fields[field] * 10 + Int(byte - UInt8(ascii: "0")) }
        }
        return fields[1] * Memory.pageSize
    } catch { return 0 }
}
