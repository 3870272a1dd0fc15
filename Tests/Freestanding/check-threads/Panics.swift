// Tests/Freestanding/check-threads/Panics.swift — last words, and death by the real signal.

import Bytes
import CLinux
import CheckRuntime
import CheckSupport
import Linux
import Logging
import Runtime

/// Ways to go wrong.
private enum Fault: CaseIterable {
    case trap
    case badAddress
    case stackOverflow
    case sentSignal

    func happen() {
        switch self {
        case .trap: fatalError("wanted")
        case .badAddress:
            // SAFETY: none; that is the point.
            unsafe UnsafeMutablePointer<Int>(bitPattern: Memory.pageSize - 8).unsafelyUnwrapped.pointee = 1
        case .stackOverflow: _ = descend(from: Position.here, by: .max)
        case .sentSignal: kill(Signal(rawValue: SIGABRT))
        }
    }

    var signal: Signal {
        switch self {
        case .trap: Signal(rawValue: SIGILL)
        case .badAddress, .stackOverflow: Signal(rawValue: SIGSEGV)
        case .sentSignal: Signal(rawValue: SIGABRT)
        }
    }

    /// Lines before the panic's: in a debug build a trap's message.
    var messages: Int {
        #if DEBUG
            self == .trap ? 1 : 0
        #else
            0
        #endif
    }

    var lastWords: StaticString {
        switch self {
        case .trap: "[PANIC] signal=SIGILL ip=0x"
        case .badAddress, .stackOverflow: "[PANIC] signal=SIGSEGV ip=0x"
        case .sentSignal: "[PANIC] signal=SIGABRT ip=0x"
        }
    }
}

/// Each fault, on a worker and on the main thread, with a log and without.
func checkPanics() {
    for fault in Fault.allCases {
        checkPanic(fault, onWorker: true, logs: false)
        checkPanic(fault, onWorker: true, logs: true)
        checkPanic(fault, onWorker: false, logs: true)
    }
    checkPanicsAtOnce()
}

/// Four workers that go wrong at the same moment: one has the last word, whole and alone.
private func checkPanicsAtOnce() {
    let pipe = Pipe()
    let child = Child.runToDie {
        pipe.replace(.standardError)
        startRuntime(workers: 4, logs: false)
        for index in 0..<4 {
            TaskHandle.spawnTask(on: Scheduler.worker(index)) {
                together.wait(for: 4)
                Fault.trap.happen()
            }
        }
        Runtime.join()
    }
    let text = pipe.readAll()
    child.check(.killed(Fault.trap.signal), "panics at once end by the real signal")
    var panics = 0
    var start = 0
    for index in 0..<text.bytes.count where text.bytes[index] == UInt8(ascii: "\n") {
        if hasPrefix(text.bytes.extracting(start..<index), Fault.trap.lastWords) { panics += 1 }
        start = index + 1
    }
    check(panics == 1, "one of them tells what happened")
    check(start == text.bytes.count, "in a whole line")
}

/// Where the four meet.
private let together = Barrier()

private func checkPanic(_ fault: Fault, onWorker: Bool, logs: Bool) {
    let pipe = Pipe()
    let child = Child.runToDie {
        pipe.replace(.standardError)
        startRuntime(workers: 1, logs: logs)
        Log.write(LogTag("[START]")) { line in line.append(" last=words") }
        if onWorker { TaskHandle.spawnTask { fault.happen() } } else { fault.happen() }
        // Any thread may take a signal that was sent to the process; this one waits until it has.
        Runtime.join()
    }
    let text = pipe.readAll()
    child.check(.killed(fault.signal), "a panic ends by the real signal")
    var start = 0
    var lastLine = 0
    var lines = 0
    var hasLogged = false
    for index in 0..<text.bytes.count where text.bytes[index] == UInt8(ascii: "\n") {
        let line = text.bytes.extracting(start..<index)
        if hasPrefix(line, "[START] last=words time=") { hasLogged = true }
        lines += 1
        lastLine = start
        start = index + 1
    }
    check(start == text.bytes.count, "every line ends")
    let last = text.bytes.extracting(droppingFirst: lastLine)
    check(hasPrefix(last, fault.lastWords), "the last line tells what happened")
    let isTold = contains(last, ": Fatal error: wanted")
    check(isTold == (fault.messages > 0), "a trap's message is in the last line, in a debug build")
    let overflown = contains(last, "reason=stack overflow of worker 0 size=")
    check(overflown == (fault == .stackOverflow && onWorker), "a stack overflow of a worker is told from other faults")
    check(logs ? hasLogged : lines == 1 + fault.messages, "a panic writes what was logged before, and its own line")
}
