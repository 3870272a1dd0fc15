// Sources/Server/Handler.swift — a handler of requests, whatever type it throws.

import Primitives

/// What serves a request. A class, since to call a closure that calls another one would cost each request a frame more.
class Handler: @unchecked Sendable {
    // SHARED: not changed.

    init() { makeImmortal(self) }

    /// Serves it, and ends it if the handler throws an error.
    func serve(_ state: ExchangeState) async throws(ExchangeError) {}
}

/// A handler that throws errors of its own.
final class TypedHandler<Failure: ResponseError>: Handler, @unchecked Sendable {
    private let body: @Sendable (Exchange<Failure>) async throws(Failure) -> Void

    init(_ body: @escaping @Sendable (Exchange<Failure>) async throws(Failure) -> Void) { self.body = body }

    override func serve(_ state: ExchangeState) async throws(ExchangeError) {
        do throws(Failure) {
            try await body(Exchange(state))
        } catch {
            try await state.fail(error.status, error.reason)
        }
    }
}
