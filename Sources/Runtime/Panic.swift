// Sources/Runtime/Panic.swift — the last log lines of a process that a trap or a fatal signal ends.

import Bytes
internal import CLinux
import Linux
import Logging
import Primitives
import Synchronization

/// Traps and fatal signals: the log's rings and one `[PANIC]` line are written, then the signal ends the process as if
/// it had no handler, so that systemd and core dumps see the real one.
enum Panic {
    /// Whether a thread is here already. Relaxed: only the exchange itself matters.
    private static let hasBegun = Atomic<Bool>(false)

    /// Catches the fatal signals of all threads. Other threads bring stacks for that; the main thread's is made here.
    static func prepare() throws(Errno) {
        try Signals.makeAlternateStack(size: Config.signalStackSize)
        unsafe try Signals.handleFatal { signal, info, context in
            // A second thread that goes wrong waits for the end, or it would come before the first one's words are out.
            while Panic.hasBegun.exchange(true, ordering: .relaxed) { Signals.pause() }
            // SAFETY: they are the handler's arguments.
            let report = unsafe SignalReport(signal, info, context)
            Panic.write(report)
            Signals.resetHandler(report.signal)
            // A fault happens again at the same instruction. A signal that was sent has to be sent again.
            if report.wasSent { Signals.raise(report.signal) }
        }
    }

    /// The reason of ``misuse(_:)`` where there is no runtime yet.
    static var notPrepared: StaticString { "call Runtime.prepare first" }

    /// Says why the calling thread is about to trap: because the program uses this library in a way that cannot work.
    ///
    /// - Parameter subject: the name of what was used so; empty for none.
    @inline(never)
    static func note(_ reason: StaticString, _ subject: StaticString = "") {
        ThreadBlock.setReason(reason, subject)
    }

    /// Ends the process for `reason`, which the line `[PANIC]` says, also if the runtime was not prepared.
    @inline(never)
    static func misuse(_ reason: StaticString, _ subject: StaticString = "") -> Never {
        note(reason, subject)
        // If it fails, what is left is the trap.
        try? prepare()
        linux_trap()
    }

    private static func write(_ report: borrowing SignalReport) {
        var text: [768 of UInt8] = .init(repeating: 0)
        let length = text.write { line in
            line.append("[PANIC] signal=")
            line.append(report.signal.name)
            append(" ip=0x", report.instruction, to: &line)
            append(" image=0x", linux_image(), to: &line)
            append(" address=0x", report.address, to: &line)
            line.append(" thread=", RawThread.currentIdentifier)
            #if DEBUG
                appendCallers(report, to: &line)
            #endif
            appendReason(report.address, to: &line)
            line.append("\n")
        }
        Log.writeInPanic(text.span.extracting(first: length))
    }

    @inline(never)
    private static func append(_ name: StaticString, _ number: UInt, to line: inout ByteWriter) {
        line.append(name)
        line.append(hexadecimal: UInt64(number))
    }

    /// Why, if that is known.
    private static func appendReason(_ address: UInt, to line: inout ByteWriter) {
        // A stack that was used up: the address lies in its guard. On the main thread the difference is too large.
        if ThreadBlock.stackStart &- address &- 1 < UInt(Config.stackGuardSize) {
            line.append(" reason=stack overflow")
            guard let worker = Worker.current else { return }
            line.append(" of worker ", worker.index)
            line.append(" size=", Runtime.stackSize)
        } else if !ThreadBlock.reason.isEmpty {
            line.append(" reason=")
            line.append(ThreadBlock.reason)
            guard !ThreadBlock.subject.isEmpty else { return }
            line.append(": ")
            line.append(ThreadBlock.subject)
        }
    }

    #if DEBUG
        /// The calls that led here, for addr2line(1).
        private static func appendCallers(_ report: borrowing SignalReport, to line: inout ByteWriter) {
            var callers: [8 of UInt] = .init(repeating: 0)
            let start = ThreadBlock.stackStart
            let size = Worker.current == nil ? Config.stackSize : Runtime.stackSize
            let end = start == 0 ? Process.mainStackEnd : start + UInt(size)
            let count = report.findCallers(from: start, to: end, into: &callers)
            for index in 0..<count { append(index == 0 ? " callers=0x" : ",0x", callers[index], to: &line) }
        }
    #endif
}
