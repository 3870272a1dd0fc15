// Sources/Server/Exchange.swift — one request and its response, as a handler sees them.

import Bytes
import HTTP
import WebSocket

/// A request, and the way to answer it. It belongs to a handler for the time of the handler's call only.
///
/// Its calls throw the handler's own type, `Failure`: an ``ExchangeError`` is converted to it. Let it through.
///
/// - Invariant: what the spans show belongs to the connection, which outlives the handler's call.
@safe public struct Exchange<Failure: ResponseError> {
    private let state: ExchangeState

    @inline(__always)
    init(_ state: ExchangeState) { self.state = state }

    // MARK: The request

    /// The request's method.
    @inline(__always)
    public var method: Method { state.head.method }

    /// The path as it was sent, without the query.
    public var path: Span<UInt8> {
        @_lifetime(borrow self)
        // SAFETY: the invariant.
        @inline(__always) get { unsafe _overrideLifetime(state.path, borrowing: self) }
    }

    /// What follows the path's "?"; empty if nothing does.
    public var query: Span<UInt8> {
        @_lifetime(borrow self)
        // SAFETY: the invariant.
        @inline(__always) get { unsafe _overrideLifetime(state.query, borrowing: self) }
    }

    /// Whether the client, which asks for a WebSocket, offers the subprotocol of this name (RFC 6455 §11.3.4).
    @inline(__always)
    public func offersSubprotocol(_ name: StaticString) -> Bool { state.offersSubprotocol(name) }

    /// What stands in the path for parameter `index` of the route's pattern, as it was sent.
    @inline(__always)
    @_lifetime(borrow self)
    public func parameter(_ index: Int) -> Span<UInt8> {
        // SAFETY: the invariant.
        unsafe _overrideLifetime(state.parameter(index), borrowing: self)
    }

    /// The value of the first header field of this name, in any case of letters; nil if there is none.
    @inline(__always)
    @_lifetime(borrow self)
    public func field(_ name: StaticString) -> Span<UInt8>? {
        // SAFETY: the invariant.
        unsafe _overrideLifetime(state.field(name), borrowing: self)
    }

    /// What each worker of the server has answered, in the workers' order.
    @inline(__always)
    public var serverMetrics: [HTTPMetrics] { state.serverMetrics }

    // MARK: The body of the request

    /// The bytes that the last ``readBody()`` found: good until the next one.
    public var bodyChunk: Span<UInt8> {
        @_lifetime(borrow self)
        // SAFETY: the invariant.
        @inline(__always) get { unsafe _overrideLifetime(state.bodyChunk, borrowing: self) }
    }

    /// Waits for more of the request's body, and shows it as ``bodyChunk``.
    ///
    /// - Returns: false when the body has ended.
    /// - Throws: an ``ExchangeError``, converted.
    @inline(__always)
    public func readBody() async throws(Failure) -> Bool {
        do throws(ExchangeError) { return try await state.readBody() } catch { throw Failure(state.note(error)) }
    }

    // MARK: The response

    /// Answers with a whole body.
    ///
    /// - Parameters:
    ///   - contentType: the value of Content-Type.
    ///   - fields: more field lines, each with its CRLF; a literal of the program.
    /// - Throws: an ``ExchangeError``, converted.
    @inline(__always)
    public func respond(
        _ status: Status, contentType: StaticString, fields: StaticString = "", _ body: borrowing Span<UInt8>
    ) async throws(Failure) {
        do throws(ExchangeError) {
            try await state.respond(status, contentType: contentType, fields: fields, body)
        } catch {
            throw Failure(state.note(error))
        }
    }

    /// Answers with a literal.
    ///
    /// - Throws: an ``ExchangeError``, converted.
    @inline(__always)
    public func respond(
        _ status: Status, contentType: StaticString, fields: StaticString = "", _ body: StaticString
    ) async throws(Failure) {
        do throws(ExchangeError) {
            try await state.respond(status, contentType: contentType, fields: fields, body.bytes)
        } catch {
            throw Failure(state.note(error))
        }
    }

    /// Sends the head of a response. Its body follows piece by piece: ``write(_:)``, then ``endResponse()``.
    ///
    /// - Parameter body: `.streamed` if its length is not known: it is sent in chunks, or up to the connection's end.
    /// - Throws: an ``ExchangeError``, converted.
    @inline(__always)
    public func beginResponse(
        _ status: Status, _ body: ResponseBody, contentType: StaticString, fields: StaticString = ""
    ) async throws(Failure) {
        do throws(ExchangeError) {
            try await state.beginResponse(status, body, contentType: contentType, fields: fields)
        } catch {
            throw Failure(state.note(error))
        }
    }

    /// Sends more of the body. Leaves out what follows HEAD, and what exceeds the length that the head has announced.
    ///
    /// - Throws: an ``ExchangeError``, converted.
    @inline(__always)
    public func write(_ bytes: borrowing Span<UInt8>) async throws(Failure) {
        do throws(ExchangeError) { try await state.write(bytes) } catch { throw Failure(state.note(error)) }
    }

    /// Ends the body. One that is shorter than announced ends the connection too, so that its client notices.
    ///
    /// - Throws: an ``ExchangeError``, converted.
    @inline(__always)
    public func endResponse() async throws(Failure) {
        do throws(ExchangeError) { try await state.endResponse() } catch { throw Failure(state.note(error)) }
    }
}
