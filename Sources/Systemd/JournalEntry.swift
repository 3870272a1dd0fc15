// Sources/Systemd/JournalEntry.swift — the fields of one entry, in memory of a fixed size.

import Bytes
internal import CSystemd

/// Collects `NAME=value` fields for sd_journal_sendv(3). A field that does not fit is left out.
struct JournalEntry: ~Copyable {
    /// The fields, one behind the other, without anything between them. Room for the longest log line, and for values
    /// out of it a second time.
    private var memory: [2560 of UInt8] = .init(repeating: 0)
    private var ends: [8 of Int] = .init(repeating: 0)
    private var count = 0

    private var end: Int { count == 0 ? 0 : ends[count - 1] }

    /// Adds the field that `body` writes, `NAME=value`.
    mutating func add(_ body: (inout ByteWriter) -> Void) {
        guard count < ends.count else { return }
        let start = end
        var bytes = memory.mutableSpan
        let length: Int? = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return nil }
            // SAFETY: `start` bytes are in use, the rest of this entry's own memory is free, and borrowed for the call.
            var field = unsafe ByteWriter(unsafeBase: base + start, capacity: buffer.count - start)
            body(&field)
            return field.overflowed ? nil : field.count
        }
        guard let length else { return }
        ends[count] = start + length
        count += 1
    }

    /// Sends the entry to the journal. Returns whether the journal accepted it.
    func send() -> Bool {
        unsafe memory.span.withUnsafeBufferPointer { memory in
            guard let base = memory.baseAddress else { return false }
            var fields: [8 of iovec] = unsafe .init(repeating: iovec())
            var start = 0
            for index in 0..<count {
                // SAFETY: the range was written, and libsystemd only reads it, before it returns.
                let field = unsafe UnsafeMutableRawPointer(mutating: base + start)
                unsafe fields[index] = iovec(iov_base: field, iov_len: ends[index] - start)
                start = ends[index]
            }
            return unsafe fields.span.withUnsafeBufferPointer { fields in
                unsafe sd_journal_sendv(fields.baseAddress, Int32(count)) >= 0
            }
        }
    }
}
