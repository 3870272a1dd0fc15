// Sources/Linux/Arguments.swift — the command line's words as spans of bytes.

internal import CLinux

/// The words after the program's name. Cost: a scan for its end each time that a word is read.
///
/// - Invariant: `words` names `count + 1` strings that end with a NUL and do not change; each index is compared with
///   `count`.
@safe public struct Arguments {
    private let words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    /// How many words there are.
    public let count: Int

    /// The words that the kernel started this process with; none where something else than our `_start` did.
    public static var ofProcess: Arguments {
        let process = unsafe linux_process()
        // SAFETY: the kernel laid them out on the main thread's stack, below every frame, and no code writes to them.
        return unsafe Arguments(argc: process.pointee.argument_count, argv: process.pointee.arguments)
    }

    /// The words of `main`'s `argc` and `argv`, without the first, which is the program's name.
    ///
    /// - Safety: `argv` points to `argc` pointers to strings that end with a NUL; all of it stays valid and unchanged
    ///   for the life of this value and of its copies. What the kernel gave the process does.
    @unsafe public init(argc: Int, argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) {
        unsafe words = argv
        count = Swift.max(argc - 1, 0)
    }

    /// Word `index`, `0..<count`, without its NUL.
    public subscript(index: Int) -> Span<UInt8> {
        @_lifetime(borrow self)
        @inline(never)
        get {
            precondition(index >= 0 && index < count)
            guard let words = unsafe words, let word = unsafe words[index + 1] else { return Span() }
            // SAFETY: the string ends with a NUL, and lives as long as this value does: see `init`.
            return unsafe _overrideLifetime(Span(cString: word), borrowing: self)
        }
    }
}
