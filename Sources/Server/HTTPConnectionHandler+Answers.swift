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
            case .webSocket: refuseUpgrade(exchange)
            case .handler: break
            }
        case .notFound:
            refuse(.notFound, exchange)
        case .methodNotAllowed(let allowed):
            // One that only asks what is allowed is told so (RFC 9110 §9.3.7).
            refuse(exchange.head.method == .options ? .noContent : .methodNotAllowed, exchange, allowed)
        case .methodUnknown:
            refuse(.notImplemented, exchange)
        }
    }

    func send(fixed index: Int, _ match: RouteMatch, _ exchange: Exchange) {
        let response = ResponseContext(exchange.head, mayKeepAlive: !isDraining)
        let number = context.responseNumber(forContent: index, exchange, input)
        let status = context.send(response: number, response, on: self)
        exchange.answered(
            status, bodyBytes: response.isHead ? 0 : context.bodyLength(ofResponse: number),
            keepsAlive: response.keepsAlive)
        note(match, exchange)
    }

    /// Counts and logs an answer.
    func note(_ match: RouteMatch, _ exchange: Exchange) {
        count(exchange.status)
        guard context.settings.accessLog == .tag else {
            return logOtherwise(exchange.head, exchange.status, exchange.bodyBytes)
        }
        accessLog.add(
            exchange.head.method, match.index, context.router.routes[match.index].pattern, exchange.status,
            exchange.bodyBytes)
    }

    func refuse(
        _ status: Status, _ exchange: Exchange, _ allowed: MethodSet = MethodSet(), fields: StaticString = ""
    ) {
        let response = ResponseContext(exchange.head, mayKeepAlive: !isDraining)
        let length = output.append(plain: status, response, context.date, allowing: allowed, fields: fields)
        exchange.answered(status, bodyBytes: length, keepsAlive: response.keepsAlive)
        count(status)
        guard context.settings.accessLog == .tag else { return logOtherwise(exchange.head, status, length) }
        let bytes = input
        accessLog.refused(bytes[exchange.head.methodRange], path: bytes[exchange.head.path], status, length)
    }

    /// Answers what is no request, behind which the connection ends. There is room.
    ///
    /// - Parameter isHead: whether it asks for no body, as far as that is known.
    func answer(_ status: Status, reason: StaticString, isHead: Bool) {
        var response = ResponseContext.unreadable
        response.isHead = isHead
        let length = output.append(plain: status, response, context.date)
        count(status)
        guard context.settings.accessLog == .tag else { return logOtherwise(nil, status, length) }
        accessLog.malformed(status, reason, length)
    }

    /// Logs an answer where the log's own lines are not wanted.
    private func logOtherwise(_ head: RequestHead?, _ status: Status, _ bodyBytes: Int) {
        guard context.settings.accessLog == .combined else { return }
        CombinedLog.write(descriptor, head, input, status, bodyBytes)
    }

    private func count(_ status: Status) { context.metrics.count(status) }
}
