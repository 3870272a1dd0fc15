// Sources/Runtime/Panic.swift — the last words of a process that went wrong.

import Bytes
internal import CLinux
import Linux
import Logging
import Primitives
import Synchronization

/// Traps and fatal signals: the log's rings and one `[PANIC]` line are written, then the signal ends the process as if
/// nobody had caught it, so that systemd and core dumps see the real one.
enum Panic {
    /// Whether a thread is here already. Relaxed: only the exchange itself matters.
    private static let hasBegun = Atomic<Bool>(false)

    /// Catches the fatal signals of all threads. Other threads bring stacks for that; the main thread's is made here.
    static func prepare() throws(Errno) {
        let stack = unsafe try Memory.map(Config.signalStackSize)
        unsafe try Signals.setAlternateStack(stack, size: Config.signalStackSize)
        unsafe try Signals.handleFatal { signal, info, context in
            // A second thread that goes wrong waits for the end, or it would come before the first one's words are out.
            while Panic.hasBegun.exchange(true, ordering: .relaxed) { Signals.pause() }
            let signal = Signal(rawValue: signal)
            unsafe Panic.report(signal, info, context)
            Signals.resetHandler(signal)
            // A fault happens again at the same instruction. A signal that was sent has to be sent again.
            if unsafe linux_signal_was_sent(info) { Signals.raise(signal) }
        }
    }

    /// The reason of ``misuse(_:)`` where there is no runtime yet.
    static var notPrepared: StaticString { "call Runtime.prepare first" }

    /// Says why the calling thread is about to trap: because the program uses this library in a way that cannot work.
    ///
    /// - Parameter subject: the name of what was used so; empty for none.
    @inline(never)
    static func note(_ reason: StaticString, _ subject: StaticString = "") {
        // SAFETY: literals end with a NUL.
        unsafe ThreadBlock.reason = UnsafeRawPointer(reason.utf8Start).assumingMemoryBound(to: CChar.self)
        unsafe ThreadBlock.subject = UnsafeRawPointer(subject.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    /// Ends the process for `reason`, which the line `[PANIC]` says, also if the runtime was not prepared.
    @inline(never)
    static func misuse(_ reason: StaticString, _ subject: StaticString = "") -> Never {
        note(reason, subject)
        // If it fails, what is left is the trap.
        try? prepare()
        linux_trap()
    }

    private static func report(
        _ signal: Signal, _ info: UnsafeMutableRawPointer?, _ context: UnsafeMutableRawPointer?
    ) {
        var text: [768 of UInt8] = .init(repeating: 0)
        let length = text.write { line in
            let address = unsafe linux_signal_address(info)
            line.append("[PANIC] signal=")
            line.append(signal.name)
            append(" ip=0x", unsafe linux_signal_ip(context), to: &line)
            append(" image=0x", linux_image(), to: &line)
            append(" address=0x", address, to: &line)
            line.append(" thread=", RawThread.currentIdentifier)
            #if DEBUG
                unsafe appendCallers(context, to: &line)
            #endif
            appendReason(address, to: &line)
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
        } else if let reason = unsafe ThreadBlock.reason {
            line.append(" reason=")
            unsafe append(reason, to: &line)
            guard let subject = unsafe ThreadBlock.subject, unsafe subject.pointee != 0 else { return }
            line.append(": ")
            unsafe append(subject, to: &line)
        }
    }

    /// - Safety: the text ends with a NUL.
    @unsafe private static func append(_ text: UnsafePointer<CChar>, to line: inout ByteWriter) {
        var next = unsafe text
        while unsafe next.pointee != 0 {
            line.append(UInt8(bitPattern: unsafe next.pointee))
            unsafe next += 1
        }
    }

    #if DEBUG
        /// The calls that led here, for addr2line(1).
        private static func appendCallers(_ context: UnsafeMutableRawPointer?, to line: inout ByteWriter) {
            guard let context = unsafe context else { return }
            var callers: [8 of UInt] = .init(repeating: 0)
            let start = ThreadBlock.stackStart
            let size = Worker.current == nil ? Config.stackSize : Runtime.stackSize
            // The main thread's stack ends below what the kernel put there for the process.
            let end = unsafe start == 0 ? UInt(bitPattern: linux_process().pointee.arguments) : start + UInt(size)
            var places = callers.mutableSpan
            let count = unsafe places.withUnsafeMutableBufferPointer { places in
                // SAFETY: the function reads within the stack, and writes `places.count` words at most.
                unsafe linux_signal_callers(
                    context, start, end, places.baseAddress.unsafelyUnwrapped, UInt32(places.count))
            }
            for index in 0..<Int(count) { append(index == 0 ? " callers=0x" : ",0x", callers[index], to: &line) }
        }
    #endif
}
