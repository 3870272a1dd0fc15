// Sources/Logging/LogClock.swift — the time at the end of a log line.

import Bytes
internal import CLinux
import Linux

/// One thread's cache of ` time=2026-11-22T13:05:01.123Z` and a line feed: formatted once a millisecond, copied else.
struct LogClock {
    private var milliseconds: UInt64 = .max
    private var second: UInt64 = .max
    private var text: [31 of UInt8] = .init(repeating: 0)

    /// Appends the time of this turn of the loop, on a worker; elsewhere the time now.
    ///
    /// - Parameter offset: how far the machine's clock is ahead of the monotonic one, in ms.
    @inline(__always)
    mutating func append(to line: inout ByteWriter, offset: UInt64) {
        let turn = unsafe linux_this_thread().pointee.now
        let monotonic = turn == 0 ? Clock.monotonicMilliseconds : turn
        let now = monotonic &+ offset
        if now != milliseconds { format(now) }
        line.append(text.span)
    }

    @inline(never)
    private mutating func format(_ now: UInt64) {
        milliseconds = now
        if now / 1000 != second {
            second = now / 1000
            let date = CivilDate(unixSeconds: Int(second))
            _ = text.write { line in
                line.append(" time=")
                line.append(padded: date.year, width: 4)
                line.append(UInt8(ascii: "-"))
                line.append(padded: date.month, width: 2)
                line.append(UInt8(ascii: "-"))
                line.append(padded: date.day, width: 2)
                line.append(UInt8(ascii: "T"))
                line.append(padded: date.hour, width: 2)
                line.append(UInt8(ascii: ":"))
                line.append(padded: date.minute, width: 2)
                line.append(UInt8(ascii: ":"))
                line.append(padded: date.second, width: 2)
                line.append(".000Z\n")
            }
        }
        let fraction = Int(now % 1000)
        text[26] = UInt8(truncatingIfNeeded: fraction / 100) &+ 0x30
        text[27] = UInt8(truncatingIfNeeded: fraction / 10 % 10) &+ 0x30
        text[28] = UInt8(truncatingIfNeeded: fraction % 10) &+ 0x30
    }
}
