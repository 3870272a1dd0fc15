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

    /// How the line begins.
    private static var begin: StaticString { "[PANIC] " }

    /// Catches the fatal signals of all threads. Other threads bring stacks for that; the main thread's is made here.
    static func prepare() throws(Errno) {
        let stack = unsafe try Memory.map(Config.signalStackSize)
        unsafe try Signals.setAlternateStack(stack, size: Config.signalStackSize)
        unsafe try Signals.handleFatal { signal, info, context in
            // A second thread that goes wrong waits for the end, or it would come before the first one's words are out.
            while Panic.hasBegun.exchange(true, ordering: .relaxed) { Signals.pause() }
            let signal = Signal(rawValue: signal)
            unsafe Panic.report(
                signal, instruction: linux_signal_ip(context), address: linux_signal_address(info))
            Signals.resetHandler(signal)
            // A fault happens again at the same instruction. A signal that was sent has to be sent again.
            if unsafe linux_signal_was_sent(info) { Signals.raise(signal) }
        }
    }

    /// Ends the process as a trap does, with a `[PANIC]` line that says why. Debug builds also print the message.
    ///
    /// - Parameter subject: the name of what went wrong.
    @inline(never)
    static func end(_ message: StaticString, _ subject: StaticString) -> Never {
        while hasBegun.exchange(true, ordering: .relaxed) { Signals.pause() }
        var text: [256 of UInt8] = .init(repeating: 0)
        let length = text.write { line in
            line.append(begin)
            line.append(message)
            line.append(": ")
            line.append(subject)
            line.append(" thread=", RawThread.currentIdentifier)
            line.append("\n")
        }
        Log.writeInPanic(text.span.extracting(first: length))
        Signals.resetHandler(Signal(rawValue: SIGILL))
        fatalError(message)
    }

    private static func report(_ signal: Signal, instruction: UInt, address: UInt) {
        var text: [192 of UInt8] = .init(repeating: 0)
        let length = text.write { line in
            line.append(begin)
            line.append("signal=")
            line.append(signal.name)
            line.append(" ip=0x")
            line.append(hexadecimal: UInt64(instruction))
            line.append(" image=0x")
            line.append(hexadecimal: UInt64(linux_image()))
            line.append(" address=0x")
            line.append(hexadecimal: UInt64(address))
            line.append(" thread=", RawThread.currentIdentifier)
            line.append("\n")
        }
        Log.writeInPanic(text.span.extracting(first: length))
    }
}
