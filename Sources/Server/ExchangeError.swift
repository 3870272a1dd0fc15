// Sources/Server/ExchangeError.swift — why an exchange could not go on.

import HTTP
import Net

/// Why a request or its response broke off.
public enum ExchangeError: Error, Sendable {
    /// The connection failed.
    case connection(ConnectionError)
    /// The request's body is wrong: it is answered with the error's status if nothing was sent yet.
    case request(RequestError)
    /// The peer ended in the middle of the body.
    case incompleteBody
}
