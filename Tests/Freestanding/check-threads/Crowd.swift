// Tests/Freestanding/check-threads/Crowd.swift — 32 threads at once, each with everything of its own.

import Bytes
import CLinux
import CheckSupport
import Linux
import Primitives
import Runtime
import Synchronization

/// What the threads say of themselves; each writes its own entry.
private struct Report: ~Copyable {
    let identifier = Atomic<Int>(0)
    let variables = Atomic<UInt>(0)
    let heap = Atomic<UInt>(0)
    let stack = Atomic<UInt>(0)
}

enum Crowd {
    static let count = 32
    private static let reports: [32 of Report] = .init { _ in Report() }
    private static let begun = Barrier()
    private static let looked = Barrier()
    private static let ended = Atomic<Int>(0)

    static func run() {
        checkStackAlignment()
        var threads: [Thread] = []
        for number in 0..<count {
            do throws(Errno) {
                threads.append(try Thread.spawn("crowd") { Crowd.work(number) })
            } catch {
                check(false, "a thread starts")
            }
        }
        begun.wait(for: count + 1)
        for number in 0..<count {
            check(!threads[number].hasEnded, "a thread lives until it ends")
            checkName(reports[number].identifier.load(ordering: .relaxed))
        }
        checkDifferent()
        looked.wait(for: count + 1)
        for thread in threads { thread.join() }
        for thread in threads { check(thread.hasEnded, "a thread that was joined has ended") }
        check(ended.load(ordering: .relaxed) == count, "join waits for the thread's end")
    }

    private static func checkStackAlignment() {
        do throws(Errno) {
            try Thread.spawn("alignment") {
                check(isStackAligned(), "a thread's stack is aligned")
            }.join()
        } catch {
            check(false, "a thread starts")
        }
    }

    private static func work(_ number: Int) {
        let thread = unsafe linux_this_thread()
        check(unsafe thread.pointee.task == nil && thread.pointee.held == nil, "a thread's variables begin as nil")
        let mark = unsafe UnsafeMutableRawPointer(bitPattern: 4096 + number)
        unsafe thread.pointee.task = mark
        unsafe thread.pointee.held = mark
        reports[number].stack.store(Position.here, ordering: .relaxed)
        reports[number].identifier.store(RawThread.currentIdentifier, ordering: .relaxed)
        reports[number].variables.store(UInt(bitPattern: thread), ordering: .relaxed)
        reports[number].heap.store(UInt(bitPattern: unsafe currentHeap), ordering: .relaxed)
        var numbers: [Int] = []
        for index in 0..<1000 { numbers.append(number + index) }
        begun.wait(for: count + 1)
        // Almost all of the stack, while 31 others do the same.
        check(descend(from: Position.here, by: 60 * 1024) > 0, "the stack holds 60 KiB")
        looked.wait(for: count + 1)
        check(unsafe thread.pointee.task == mark && thread.pointee.held == mark, "no other thread changes variables")
        check(unsafe linux_this_thread() == thread, "variables stay where they are")
        for index in 0..<1000 { check(numbers[index] == number + index, "no other thread changes the heap's blocks") }
        unsafe thread.pointee.task = nil
        ended.add(1, ordering: .relaxed)
    }

    private static func checkDifferent() {
        for first in 0..<count {
            check(reports[first].identifier.load(ordering: .relaxed) > 0, "a thread has a number")
            for second in 0..<first {
                check(isDifferent(reports[first].identifier, reports[second].identifier), "numbers differ")
                check(isDifferent(reports[first].variables, reports[second].variables), "TLS blocks differ")
                check(isDifferent(reports[first].heap, reports[second].heap), "heaps differ")
                check(isDifferent(reports[first].stack, reports[second].stack), "stacks differ")
            }
        }
    }

    private static func isDifferent(_ first: borrowing Atomic<Int>, _ second: borrowing Atomic<Int>) -> Bool {
        first.load(ordering: .relaxed) != second.load(ordering: .relaxed)
    }

    private static func isDifferent(_ first: borrowing Atomic<UInt>, _ second: borrowing Atomic<UInt>) -> Bool {
        first.load(ordering: .relaxed) != second.load(ordering: .relaxed)
    }

    /// `/proc` knows the thread, and by its name.
    private static func checkName(_ identifier: Int) {
        var storage: [64 of UInt8] = .init(repeating: 0)
        var bytes = storage.mutableSpan
        unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            // SAFETY: the buffer is this function's own.
            var path = unsafe ByteWriter(unsafeBase: buffer.baseAddress.unsafelyUnwrapped, capacity: buffer.count)
            path.append("/proc/self/task/")
            path.append(decimal: identifier)
            path.append("/comm")
            path.append(UInt8(0))
            check(isEqual(Text(path: path.bytes).bytes, "crowd\n"), "a thread has its name")
        }
    }
}
