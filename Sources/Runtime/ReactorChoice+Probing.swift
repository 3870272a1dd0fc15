// Sources/Runtime/ReactorChoice+Probing.swift — what the kernel allows of what was asked for.

import Bytes
import Linux
import Options

extension ReactorChoice {
    /// One that is not ``automatic``.
    ///
    /// - Throws: what ``IORing/probe()`` says, if ``uring`` was asked for by its name.
    func resolved() throws(Errno) -> ReactorChoice {
        do throws(Errno) {
            if self == .uring || self == .automatic { try IORing.probe() }
            return self == .automatic ? .uring : self
        } catch {
            guard self == .automatic else { throw error }
            return .epoll
        }
    }
}
