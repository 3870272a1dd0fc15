// Sources/Server/HTTPConnectionHandler+Answers.swift — what is answered without a handler, counted and logged.

import Bytes
import HTTP
import Net
import Runtime

extension HTTPConnectionHandler {
    /// Answers a request without a handler. There is room.
    func answer(_ exchange: Exchange) {
        switch exchange.match {
        case .found(let match):
            switch context.router.routes[match.index].action {
            case .fixed(let index): send(fixed: index, match, exchange)
            case .upgrade(let index): context.router.upgrades[index].refuse(self)
            case .handler: break
            }
        case .notFound:
            refuse(.notFound)
        case .methodNotAllowed(let allowed):
            // One that only asks what is allowed is told so (RFC 9110 §9.3.7).
            refuse(exchange.head.method == .options ? .noContent : .methodNotAllowed, allowed)
        case .methodUnknown:
            refuse(.notImplemented)
        }
    }

    func send(fixed index: Int, _ match: RouteMatch, _ exchange: Exchange) {
        let response = ResponseContext(exchange.head, mayKeepAlive: !isDraining)
        let number = context.responseNumber(forContent: index, exchange, input)
        let status = context.send(response: number, response, on: self)
        exchange.answered(
            status, bodyBytes: response.isHead ? 0 : context.bodyLength(ofResponse: number),
            keepsAlive: response.keepsAlive)
        note(match)
    }

    /// Counts and logs an answer.
    func note(_ match: RouteMatch) {
        count(exchange.status)
        context.accessLog?.answered(self, match.index, context.router.routes[match.index].pattern)
    }

    func refuse(_ status: Status, _ allowed: MethodSet = MethodSet(), fields: StaticString = "") {
        let exchange = exchange
        let response = ResponseContext(exchange.head, mayKeepAlive: !isDraining)
        let length = output.append(plain: status, response, context.date, allowing: allowed, fields: fields)
        exchange.answered(status, bodyBytes: length, keepsAlive: response.keepsAlive)
        count(status)
        context.accessLog?.refused(self)
    }

    /// Answers what is no request, behind which the connection ends. There is room.
    ///
    /// - Parameter isHead: whether it asks for no body, as far as that is known.
    func answer(_ status: Status, reason: StaticString, isHead: Bool) {
        var response = ResponseContext.unreadable
        response.isHead = isHead
        let length = output.append(plain: status, response, context.date)
        count(status)
        context.accessLog?.malformed(self, status, reason, length)
    }

    private func count(_ status: Status) { context.metrics.count(status) }
}
