// Sources/Linux/SignalReport.swift — what the kernel tells the handler of a fatal signal.

internal import CLinux

/// What the handler of ``Signals/handleFatal(_:)`` is told, with types.
///
/// - Invariant: both pointers are null, or the handler's arguments; it cannot be copied, and goes with the handler's
///   call.
@safe public struct SignalReport: ~Copyable {
    /// The signal.
    package let signal: Signal
    private let info: UnsafeMutableRawPointer?
    private let context: UnsafeMutableRawPointer?

    /// The report in a handler's arguments.
    ///
    /// - Safety: they are that, and the handler has not returned.
    @unsafe package init(_ signal: Int32, _ info: UnsafeMutableRawPointer?, _ context: UnsafeMutableRawPointer?) {
        self.signal = Signal(rawValue: signal)
        unsafe self.info = info
        unsafe self.context = context
    }

    /// Whether a process sent the signal, as opposed to an instruction that faulted.
    package var wasSent: Bool { unsafe linux_signal_was_sent(info) }

    /// The address that the faulting instruction wanted; 0 if it is not known.
    package var address: UInt { unsafe linux_signal_address(info) }

    /// The address of the interrupted instruction; 0 if it is not known.
    package var instruction: UInt { unsafe linux_signal_ip(context) }

    /// The calls that led to the instruction, innermost first, as far as they lie in the stack: `start..<end`.
    ///
    /// - Returns: how many of `callers` are set.
    package func findCallers(from start: UInt, to end: UInt, into callers: inout [8 of UInt]) -> Int {
        guard let context = unsafe context else { return 0 }
        var places = callers.mutableSpan
        return unsafe places.withUnsafeMutableBufferPointer { places in
            // SAFETY: the function reads within the stack, and writes `places.count` words at most.
            Int(unsafe linux_signal_callers(context, start, end, places.baseAddress.unsafelyUnwrapped, 8))
        }
    }
}
