// Tests/Freestanding/check-threads/Stack.swift — using a stack up, to its end and beyond.

import Bytes
import CLinux
import CheckRuntime
import CheckSupport
import Linux
import Runtime

enum Position {
    /// An address in the caller's part of the stack.
    @inline(never)
    static var here: UInt {
        var byte: UInt8 = 0
        return unsafe withUnsafePointer(to: &byte) { byte in UInt(bitPattern: byte) }
    }
}

/// Calls itself until `count` bytes of the stack are in use, and writes to all of them.
@inline(never)
func descend(from top: UInt, by count: UInt) -> Int {
    var block: [256 of UInt8] = .init(repeating: UInt8(truncatingIfNeeded: top >> 8))
    let here = unsafe withUnsafeMutablePointer(to: &block) { block in UInt(bitPattern: block) }
    if top > here, top - here >= count { return 1 }
    let depth = descend(from: top, by: count)
    // What the deeper calls were not to touch.
    for index in block.indices { check(block[index] == UInt8(truncatingIfNeeded: top >> 8), "a frame is kept") }
    return depth + 1
}

/// A thread that runs over its stack dies by SIGSEGV, after the handler has run on the signal stack, which lies below
/// the guard that was hit.
func checkStackOverflow() {
    let pipe = Pipe()
    let child = Child.runToDie {
        pipe.replace(.standardError)
        do throws(Errno) {
            unsafe try Signals.handleFatal { signal, info, _ in
                // The stack's first page ends its guard, and below that lies the signal stack.
                let stack = unsafe (linux_signal_address(info) | UInt(Memory.pageSize - 1)) + 1
                let below = stack &- Position.here &- UInt(Config.stackGuardSize)
                let isOnSignalStack = below <= UInt(Config.signalStackSize)
                writeToStandardError(isOnSignalStack ? "on the signal stack" : "elsewhere")
                Signals.resetHandler(Signal(rawValue: signal))
            }
            let thread = try Thread.spawn("overflow") {
                check(descend(from: Position.here, by: .max) == 0, "a stack has an end")
            }
            thread.join()
        } catch {
            check(false, "a thread starts")
        }
    }
    let text = pipe.readAll()
    child.check(.killed(Signal(rawValue: SIGSEGV)), "a stack that runs over kills by SIGSEGV")
    check(isEqual(text.bytes, "on the signal stack"), "the handler runs on the signal stack")
}

/// Stacks of several sizes, each used up to within a few frames, then beyond: the panic says so.
func checkStackSizes() {
    for (asked, size, words) in [
        (32 * 1024, 32 * 1024, "reason=stack overflow of worker 0 size=32768\n"),
        (100_000, 102_400, "reason=stack overflow of worker 0 size=102400\n"),
        (1024 * 1024, 1024 * 1024, "reason=stack overflow of worker 0 size=1048576\n"),
    ] as [(Int, UInt, StaticString)] {
        let pipe = Pipe()
        let child = Child.runToDie {
            pipe.replace(.standardError)
            startRuntime(workers: 1, stackSize: asked)
            TaskHandle.spawnTask {
                check(descend(from: Position.here, by: size - 8192) > 1, "the stack is as large as was asked for")
                writeToStandardError("almost\n")
                _ = descend(from: Position.here, by: size)
            }
            Runtime.join()
        }
        let text = pipe.readAll()
        child.check(.killed(Signal(rawValue: SIGSEGV)), "a stack that runs over kills by SIGSEGV")
        check(hasPrefix(text.bytes, "almost\n[PANIC] signal=SIGSEGV") && contains(text.bytes, words), "and says so")
    }
    for size in [.min, 0, 32 * 1024 - 1, 1024 * 1024 * 1024 + 1, .max] {
        var options = RuntimeOptions()
        options.stackSize = size
        checkRefused(options)
    }
    for workers in [.min, -1, 0, 257, .max] {
        var options = RuntimeOptions()
        options.workers = workers
        checkRefused(options)
    }
}

private func checkRefused(_ options: RuntimeOptions) {
    Child.runToEnd("an option out of its bounds is refused") {
        do throws(Errno) {
            try Runtime.prepare(options)
            Process.exit(1)
        } catch {
            check(error == .invalidArgument, "by its error")
        }
    }
}

func writeToStandardError(_ text: StaticString) {
    do throws(Errno) { try FileDescriptor.standardError.writeAll(text.bytes) } catch { Process.exit(2) }
}
