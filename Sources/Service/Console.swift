// Sources/Service/Console.swift — lines to the person who started the program.

import Bytes
import Linux

/// Standard output and standard error.
enum Console {
    /// Prints what `body` gives out, piece by piece. Returns the exit status that fits.
    static func print(_ body: ((borrowing Span<UInt8>) -> Void) -> Void) -> Int32 {
        var status = ExitStatus.success
        body { text in
            if write(text, to: .standardOutput) != ExitStatus.success { status = ExitStatus.failure }
        }
        return status
    }

    /// Prints what `body` appends, up to 512 bytes.
    static func printLine(_ body: (inout ByteWriter) -> Void) -> Int32 {
        var text: [512 of UInt8] = .init(repeating: 0)
        let count = text.write(body)
        return write(text.span.extracting(first: count), to: .standardOutput)
    }

    /// Prints one line, `async-nostd: …`, on standard error; `program` is the name.
    static func fail(_ program: StaticString, _ body: (inout ByteWriter) -> Void) {
        var text: [512 of UInt8] = .init(repeating: 0)
        let count = text.write { line in
            line.append(program)
            line.append(": ")
            body(&line)
            line.append("\n")
        }
        _ = write(text.span.extracting(first: count), to: .standardError)
    }

    /// Prints `line` and a line feed on standard error.
    static func report(_ line: borrowing Span<UInt8>) {
        var text: [1026 of UInt8] = .init(repeating: 0)
        let count = text.write { writer in
            writer.append(line)
            writer.append("\n")
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
