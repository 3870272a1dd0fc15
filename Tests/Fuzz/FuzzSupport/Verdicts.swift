// Tests/Fuzz/FuzzSupport/Verdicts.swift — how a fuzz target fails, and how it is made to fail.

import Glibc

/// Ends the process, so that libFuzzer keeps the input, unless two readings of the same bytes agree.
public func mustAgree<Reading: Equatable>(
    _ left: Reading, _ leftName: @autoclosure () -> String, _ right: Reading, _ rightName: @autoclosure () -> String
) {
    guard left != right else { return }
    complain("DISAGREEMENT\n\(leftName()):\n\(left)\n\(rightName()):\n\(right)\n")
    abort()
}

private func complain(_ text: String) {
    let bytes = Array(text.utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// A mistake made on purpose, so that a test can see that the fuzzer finds it.
public enum Plant: String, Sendable {
    /// The plain reader's reading is falsified where a rare condition holds.
    case difference
    /// One byte too many is read, in C, where a rare condition holds.
    case overread

    /// The one that `ASYNC_NOSTD_FUZZ_PLANT` names.
    public static let current: Plant? = {
        guard let name = unsafe getenv("ASYNC_NOSTD_FUZZ_PLANT") else { return nil }
        return unsafe Plant(rawValue: String(cString: name))
    }()

    /// A look at `bytes` with a span that is one byte too long.
    public static func readTooFar(_ bytes: [UInt8], _ look: (Span<UInt8>) -> Void) {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            // SAFETY: none; that is what the address sanitizer has to see.
            look(unsafe Span(_unsafeElements: UnsafeBufferPointer(start: buffer.baseAddress, count: buffer.count + 1)))
        }
    }
}
