// Sources/Server/ResponseError.swift — what a handler may throw.

import HTTP

/// An error that a handler throws, and that says how its request is answered.
///
///     enum StoreError: ResponseError {
///         case notThere
///         case exchange(ExchangeError)
///
///         init(_ error: ExchangeError) { self = .exchange(error) }
///         var status: Status {
///             switch self {
///             case .notThere: .notFound
///             case .exchange(let error): error.status
///             }
///         }
///     }
///
/// A handler names its type: `{ exchange throws(StoreError) in … }`. What the exchange's own calls throw is converted
/// to it. An error that is thrown before the response has begun is answered with ``status``, and then the connection
/// goes on, unless the exchange itself had failed; thrown later, it ends the connection.
public protocol ResponseError: Error {
    /// The status of the answer. An interim one counts as 500.
    var status: Status { get }
    /// Text for the answer's body; empty, as it is by default: the status's own phrase.
    var reason: StaticString { get }
    /// The error that stands for one of the exchange's own.
    init(_ error: ExchangeError)
}

extension ResponseError {
    /// No text but the status's phrase.
    public var reason: StaticString { "" }
}

/// A status, and a reason for people to read: for services that have no type of their own.
///
///     guard let value = store.value(of: exchange.parameter(0)) else { throw ServiceError(.notFound) }
public struct ServiceError: ResponseError, Sendable {
    /// The status of the answer.
    public let status: Status
    /// Text for the answer's body; empty: the status's phrase.
    public let reason: StaticString
    /// The exchange's error that this one stands for; nil: it is the service's own.
    public let exchangeError: ExchangeError?

    /// The service's own error.
    public init(_ status: Status, _ reason: StaticString = "") {
        self.status = status
        self.reason = reason
        exchangeError = nil
    }

    /// The error that stands for one of the exchange's own, and keeps it.
    public init(_ error: ExchangeError) {
        status = error.status
        reason = ""
        exchangeError = error
    }
}
