// Tests/Freestanding/check-tasks/Values.swift — what tasks return and keep: objects, vectors, large and deep frames.

import CheckSupport
import Primitives
import Synchronization
import _Concurrency

/// Objects that were made, and that are gone.
private let made = Atomic<Int>(0)
private let gone = Atomic<Int>(0)

/// What the compiler cannot know, so that a frame has to keep what was made of it.
private let zero = Atomic<Int>(0)

/// A result that counts its life.
private final class Parcel: Sendable {
    let number: Int

    init(_ number: Int) {
        self.number = number
        made.add(1, ordering: .relaxed)
    }

    deinit { gone.add(1, ordering: .relaxed) }
}

/// Results of each kind, one after the other.
func values() async {
    for number in 0..<50 { await object(number) }
    await vector()
    let vectors = await deepVectors(24)
    check(vectors == SIMD4(repeating: 24 * 25 / 2), "vectors in deep frames keep their values")
    await largeFrame()
    await deepFrames()
    await leavesNoMemory()
    let priority = Task.currentPriority
    check(priority == .medium, "a task has the priority that tasks are created with")
    finished.add(1, ordering: .releasing)
}

/// Call it when no task is left.
func checkParcels() {
    let count = made.load(ordering: .relaxed)
    check(count > 0 && gone.load(ordering: .relaxed) == count, "each result is destroyed with its task")
}

/// An object is copied to those that wait, and destroyed with the task, whether any task waits or not.
private func object(_ number: Int) async {
    let task = Task { Parcel(number) }
    let first = await task.value
    let second = await task.value
    check(first.number == number && first === second, "all who wait get the same object")
    _ = Task { Parcel(number) }
}

/// A result of greater alignment than a word.
private func vector() async {
    let task = Task { () -> SIMD4<Float> in
        await Task.yield()
        return SIMD4(1, 2, 3, 4)
    }
    let value = await task.value
    check(value == SIMD4(1, 2, 3, 4), "a vector is returned whole")
}

/// Vectors in frames of each depth: they lie at multiples of 16, in the task's block and in each further one.
private func deepVectors(_ depth: Int) async -> SIMD4<Int32> {
    var vector = SIMD4<Int32>(repeating: Int32(depth + zero.load(ordering: .relaxed)))
    await Task.yield()
    if depth > 1 { vector &+= await Task { await deepVectors(depth - 1) }.value }
    let below = depth > 1 ? await deepVectors(depth / 2) : SIMD4(repeating: 0)
    return vector &+ below &- below
}

/// A first frame that is larger than the usual block of a task.
private func largeFrame() async {
    let tasks: [4 of Task<UInt64, Never>] = .init { seed in
        Task { () -> UInt64 in
            var words: [400 of UInt64] = .init(repeating: UInt64(seed))
            await Task.yield()
            for index in words.indices { words[index] &+= UInt64(index) }
            await Task.yield()
            var sum: UInt64 = 0
            for index in words.indices { sum &+= words[index] }
            return sum
        }
    }
    for seed in tasks.indices {
        let sum = await tasks[seed].value
        check(sum == UInt64(seed * 400 + 400 * 399 / 2), "a large frame keeps what was put into it")
    }
}

/// Frames of many slabs, entered and left again and again.
private func deepFrames() async {
    for depth in [1, 40, 3, 80] {
        let sum = await descend(depth)
        check(sum == depth * (depth + 1) / 2 * 16, "deep frames keep what was put into them")
    }
}

/// 16 times the sum of 1 to `depth`.
private func descend(_ depth: Int) async -> Int {
    var words: [16 of Int] = .init { _ in depth + zero.load(ordering: .relaxed) }
    if depth % 8 == 0 { await Task.yield() }
    let below = depth > 1 ? await descend(depth - 1) : 0
    if depth % 8 == 1 { await Task.yield() }
    words[0] += below
    var sum = 0
    for index in words.indices { sum += words[index] }
    return sum
}

/// Tasks that end give back all that they took.
private func leavesNoMemory() async {
    await manyTasks(200)
    let before = HeapBudget.mappedBytes
    await manyTasks(4000)
    // Less than a slab of 1 KiB for every fourth task.
    check(HeapBudget.mappedBytes - before < 1 << 20, "tasks that ended leave no memory behind")
}

private func manyTasks(_ count: Int) async {
    for _ in 0..<count {
        let task = Task { await descend(16) }
        let sum = await task.value
        check(sum == 16 * 17 / 2 * 16, "a task's frames are its own")
    }
}
