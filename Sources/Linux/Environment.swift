// Sources/Linux/Environment.swift — the environment's variables as spans of bytes.

import Bytes
internal import CLinux

/// The variables that the process was started with, `NAME=VALUE` each. Cost: a scan for a variable's end whenever it is
/// read.
///
/// - Invariant: `variables` names `count` strings that end with a NUL, or null pointers where some were taken out; each
///   index is compared with `count`.
@safe public struct Environment {
    private let variables: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    /// How many there are.
    public let count: Int

    /// The variables that the kernel started this process with; none where something else than our start-up did.
    public static var ofProcess: Environment {
        // SAFETY: the kernel laid them out on the main thread's stack, below every frame, with a null pointer behind.
        unsafe Environment(linux_process().pointee.environment)
    }

    /// The variables of `environ`.
    ///
    /// - Safety: `variables` points to pointers to strings that end with a NUL, and to a null pointer behind them; all
    ///   of it stays valid for the life of this value and of its copies. Pointers may be taken out of it, as
    ///   unsetenv(3) does.
    @unsafe public init(_ variables: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) {
        unsafe self.variables = variables
        var count = 0
        if let variables = unsafe variables {
            while unsafe variables[count] != nil { count += 1 }
        }
        self.count = count
    }

    /// Variable `index`, `0..<count`, without its NUL.
    public subscript(index: Int) -> Span<UInt8> {
        @_lifetime(borrow self)
        @inline(never)
        get {
            precondition(index >= 0 && index < count)
            guard let variables = unsafe variables, let variable = unsafe variables[index] else { return Span() }
            // SAFETY: the string ends with a NUL, and lives as long as this value does: see `init`.
            return unsafe _overrideLifetime(Span(cString: variable), borrowing: self)
        }
    }

    /// The value of the first variable called `name`; nil if there is none.
    @_lifetime(borrow self)
    public func value(of name: StaticString) -> Span<UInt8>? {
        let length = name.utf8CodeUnitCount
        for index in 0..<count {
            let variable = self[index]
            if variable.count > length, variable[length] == UInt8(ascii: "="), variable.starts(with: name) {
                return variable.extracting(droppingFirst: length + 1)
            }
        }
        return nil
    }
}
