// Sources/Service/Console.swift — lines to the person who started the program.

import Linux
import Utilities

/// Standard output and standard error.
enum Console {
    /// Prints `text`. Returns the exit status that fits.
    static func print(_ text: StaticString) -> Int32 { write(text.bytes, to: .standardOutput) }

    /// Prints what `body` appends, up to 512 bytes.
    static func print(_ body: (inout ByteWriter) -> Void) -> Int32 {
        var text: [512 of UInt8] = .init(repeating: 0)
        let count = text.write(body)
        return write(text.span.extracting(first: count), to: .standardOutput)
    }

    /// Prints one line, `async-nostd: …`, on standard error.
    static func fail(_ body: (inout ByteWriter) -> Void) {
        var text: [512 of UInt8] = .init(repeating: 0)
        let count = text.write { line in
            line.append("async-nostd: ")
            body(&line)
            line.append("\n")
        }
        _ = write(text.span.extracting(first: count), to: .standardError)
    }

    @inline(never)
    private static func write(_ bytes: borrowing Span<UInt8>, to output: FileDescriptor) -> Int32 {
        do throws(Errno) {
            try output.writeAll(bytes)
            return ExitStatus.success
        } catch {
            return ExitStatus.failure
        }
    }
}
