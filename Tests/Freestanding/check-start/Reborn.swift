// Tests/Freestanding/check-start/Reborn.swift — this program once more, with arguments and environment that are known.

import Bytes
import CLinux
import CheckSupport
import Linux

/// Starts this program again, twice, and sees how it ends, and that no two processes have the same canary.
func checkRebirth() {
    let first = Reborn.start()
    let second = Reborn.start()
    check(first != second, "each process has a canary of its own")
}

enum Reborn {
    private static let arguments: [4 of StaticString] = ["check-start", "again", "", "x=\u{fc}; 'y' \"z\""]
    private static let environment: [3 of StaticString] = ["A=1", "EMPTY=", "PATH=/usr/bin:/bin"]
    private static let status: Int32 = 42

    /// Forks and executes; returns the other process's canary.
    static func start() -> UInt64 {
        let pipe = Pipe()
        let child = Child.run {
            pipe.replace(.standardOutput)
            var words: [5 of UnsafePointer<UInt8>?] = unsafe .init(repeating: nil)
            var variables: [4 of UnsafePointer<UInt8>?] = unsafe .init(repeating: nil)
            for index in arguments.indices { unsafe words[index] = arguments[index].utf8Start }
            for index in environment.indices { unsafe variables[index] = environment[index].utf8Start }
            unsafe words.span.withUnsafeBufferPointer { words in
                unsafe variables.span.withUnsafeBufferPointer { variables in
                    // SAFETY: literals end with a NUL; the last entry of both is nil.
                    unsafe execute(
                        "/proc/self/exe", arguments: words.baseAddress.unsafelyUnwrapped,
                        environment: variables.baseAddress.unsafelyUnwrapped)
                }
            }
            check(false, "the program can be executed")
        }
        let output = pipe.readAll()
        child.check(.exited(status), "an exit status arrives")
        check(output.bytes.count == 8, "the program ran to its end")
        var canary: UInt64 = 0
        for index in 0..<8 { canary |= UInt64(output.bytes[index]) << UInt64(8 * index) }
        return canary
    }

    /// What the other process does.
    static func main() {
        let process = unsafe linux_process().pointee
        check(unsafe process.argument_count == arguments.count, "argc")
        check(Arguments.ofProcess.count == arguments.count - 1, "the words after the program's name")
        for index in 1..<arguments.count {
            check(isEqual(Arguments.ofProcess[index - 1], arguments[index]), "a word as it was given")
        }
        var index = 0
        while let variable = unsafe process.environment.unsafelyUnwrapped[index] {
            check(index < environment.count, "no variable that was not given")
            let length = environment[index].utf8CodeUnitCount
            let bytes = unsafe UnsafeRawPointer(variable).assumingMemoryBound(to: UInt8.self)
            // SAFETY: as many bytes as were given, and the NUL.
            check(isEqual(unsafe Span(_unsafeStart: bytes, count: length), environment[index]), "a variable")
            check(unsafe bytes[length] == 0, "a variable's end")
            index += 1
        }
        check(index == environment.count, "each variable that was given")
        var canary: [8 of UInt8] = .init(repeating: 0)
        for index in canary.indices { canary[index] = UInt8(truncatingIfNeeded: linux_canary() >> UInt(8 * index)) }
        do throws(Errno) {
            try FileDescriptor.standardOutput.writeAll(canary.span)
        } catch {
            check(false, "standard output takes the canary")
        }
        Process.exit(status)
    }
}
