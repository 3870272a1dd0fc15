// Tests/Freestanding/CheckSupport/Check.swift — assertions of programs that have nothing but the kernel.

import Bytes
import Linux

/// Ends the program with status 1 and a line that names what does not hold, unless it holds.
public func check(_ condition: Bool, _ claim: StaticString) {
    if condition { return }
    report("failed: ")
    report(claim)
    report("\n")
    Process.exit(1)
}

/// Writes to standard output.
public func report(_ text: StaticString) { report(bytes: text.bytes) }

/// Writes a line with a name and a number.
public func report(_ name: StaticString, _ number: Int) {
    withWriter { line in
        line.append(name)
        line.append(" ")
        line.append(decimal: number)
        line.append("\n")
    }
}

/// Ends the program well.
public func finish() -> Never {
    report("ok\n")
    Process.exit(0)
}

private func report(bytes: borrowing Span<UInt8>) {
    do throws(Errno) { try FileDescriptor.standardOutput.writeAll(bytes) } catch { Process.exit(2) }
}

private func withWriter(_ body: (inout ByteWriter) -> Void) {
    var text: [128 of UInt8] = .init(repeating: 0)
    var bytes = text.mutableSpan
    unsafe bytes.withUnsafeMutableBufferPointer { buffer in
        // SAFETY: the buffer is this function's own.
        var line = unsafe ByteWriter(unsafeBase: buffer.baseAddress.unsafelyUnwrapped, capacity: buffer.count)
        body(&line)
        report(bytes: line.bytes)
    }
}
