// Sources/Systemd/Notifier.swift — messages to the service manager.

import Bytes
internal import CSystemd
import Linux

/// Messages to the service manager: sd_notify(3). Without `$NOTIFY_SOCKET` nothing happens.
///
///     ready ─▶ status … ─▶ reloading ─▶ ready ─▶ … ─▶ stopping ─▶ extendTimeout … ─▶ barrier ─▶ exit
///
/// A message is one datagram, built on the stack. If it cannot be sent, the service can do nothing about it, so no
/// function reports it. A status is one line of text for `systemctl status`: control characters in it become spaces,
/// and what is not UTF-8 becomes `?`, since systemd would throw it away.
///
/// Cost: a socket, a sendmsg(2) and a close(2) a message.
///
/// - Concurrency: the main thread's alone.
package enum Notifier {
    /// Whether a service manager listens.
    package static var isConnected: Bool { Environment.ofProcess.value(of: "NOTIFY_SOCKET") != nil }

    /// The start or the reload is complete: `READY=1`.
    package static func ready(status: borrowing Span<UInt8>) {
        send("READY=1", status: status)
    }

    /// What the service is doing: `STATUS=`.
    package static func status(_ text: borrowing Span<UInt8>) {
        send("", status: text)
    }

    /// The configuration is being read again: `RELOADING=1`, and in the same datagram the time, which
    /// `Type=notify-reload` (systemd 253) demands. ``ready(status:)`` ends it.
    package static func reloading(status: borrowing Span<UInt8>) {
        send("RELOADING=1\nMONOTONIC_USEC=", Clock.monotonicNanoseconds / 1000, status: status)
    }

    /// The service begins to stop: `STOPPING=1`.
    package static func stopping(status: borrowing Span<UInt8>) {
        send("STOPPING=1", status: status)
    }

    /// Start or stop may take this much longer, from now on: `EXTEND_TIMEOUT_USEC=`.
    package static func extendTimeout(microseconds: UInt64) {
        send("EXTEND_TIMEOUT_USEC=", microseconds, status: Span())
    }

    /// The service fails for this reason: `ERRNO=`.
    package static func failed(_ error: Errno, status: borrowing Span<UInt8>) {
        send("ERRNO=", UInt64(error.rawValue), status: status)
    }

    /// The service is alive: `WATCHDOG=1`.
    package static func watchdog() {
        send("WATCHDOG=1", status: Span())
    }

    /// Asks for the same action as after a missed ping: `WATCHDOG=trigger`.
    package static func watchdogTrigger() {
        send("WATCHDOG=trigger", status: Span())
    }

    /// Waits until the service manager has processed all messages so far: sd_notify_barrier(3).
    ///
    /// - Returns: whether it has, within the time; true without a service manager.
    package static func barrier(timeoutMicroseconds: UInt64) -> Bool {
        sd_notify_barrier(0, timeoutMicroseconds) >= 0
    }

    /// Sends `assignment`, `number` behind it, and the status if it is not empty.
    private static func send(_ assignment: StaticString, _ number: UInt64? = nil, status: borrowing Span<UInt8>) {
        var message: [512 of UInt8] = .init(repeating: 0)
        _ = message.write { message in
            message.append(assignment)
            if let number { message.append(decimal: number) }
            if !status.isEmpty {
                message.append(message.count == 0 ? "STATUS=" : "\nSTATUS=")
                message.append(status: status)
            }
        }
        // SAFETY: the NUL at the end is there, since assignments are short and a status is cut to less than the rest.
        unsafe message.span.withUnsafeBufferPointer { message in
            guard let start = message.baseAddress else { return }
            _ = unsafe start.withMemoryRebound(to: CChar.self, capacity: message.count) { unsafe sd_notify(0, $0) }
        }
    }
}

extension ByteWriter {
    /// Appends up to `Config.maxStatus` bytes of `text`, as one line of UTF-8.
    @inline(never)
    fileprivate mutating func append(status text: borrowing Span<UInt8>) {
        let text = text.extracting(first: text.wholeCharacters(upTo: Config.maxStatus))
        let isValid = text.isUTF8
        for index in text.indices {
            let byte = text[index]
            if byte < 0x20 || byte == 0x7f {
                append(UInt8(ascii: " "))
            } else {
                append(byte < 0x80 || isValid ? byte : UInt8(ascii: "?"))
            }
        }
    }
}
