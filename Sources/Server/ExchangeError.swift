// Sources/Server/ExchangeError.swift — how an exchange's calls can fail.

import HTTP
import Net

/// Why a request or its response broke off.
public enum ExchangeError: ResponseError, Sendable {
    /// The connection failed.
    case connection(ConnectionError)
    /// The request's body is wrong: it is answered with the error's status if nothing was sent yet.
    case request(RequestError)
    /// The peer ended in the middle of the body.
    case incompleteBody

    /// The error itself.
    @inline(__always)
    public init(_ error: ExchangeError) { self = error }

    /// The status that says so; if the connection failed, there is no peer to tell it to.
    public var status: Status {
        switch self {
        case .connection: .internalServerError
        case .request(let error): error.status
        case .incompleteBody: .badRequest
        }
    }
}
