// Sources/Server/HTTPServer.swift — a router on every worker.

import Bytes
import HTTP
import Linux
import Net
import Options
import Runtime

// For programs that name it.
@_exported import enum Options.AcceptMode

/// An HTTP/1.1 server on the runtime's workers.
///
///     try Runtime.prepare(options)
///     let server = try HTTPServer(router)
///     try server.listen(on: listener, .workers)
///     try server.run(until: .signals, drainingWithin: .seconds(5))
public final class HTTPServer {
    private var acceptor: Acceptor?
    private let publisher: SettingsPublisher
    /// What each worker has answered, in the workers' order.
    public let metrics: [HTTPMetrics]

    /// Sets the workers up to answer by `router`. After `Runtime.prepare`, before `Runtime.run`.
    ///
    /// - Parameter administration: the routes of connections that come by a listener with that role; nil: the same.
    /// - Parameter accessLogs: the formats that `settings.accessLog` chooses from; without one, no request is logged.
    public init(
        _ router: Router, administration: Router? = nil, settings: ServerSettings = ServerSettings(),
        connections: ConnectionSettings = ConnectionSettings(), accessLogs: [AccessLogStyle] = []
    ) throws(Errno) {
        let publisher = SettingsPublisher(settings, connections)
        self.publisher = publisher
        var metrics: [HTTPMetrics] = []
        for _ in 0..<Scheduler.workerCount { metrics.append(HTTPMetrics()) }
        self.metrics = metrics
        connections.apply()
        for index in 0..<Scheduler.workerCount {
            let worker = Scheduler.worker(index)
            let context = try WorkerContext(worker, router, settings, accessLogs, metrics)
            let second = try administration.map { [metrics] router throws(Errno) in
                try WorkerContext(worker, router, settings, accessLogs, metrics)
            }
            let loop = try ConnectionLoop(worker, settings: connections) { loop in
                HTTPConnectionHandler(loop, context, administration: second ?? context)
            }
            var seen = 0
            loop.reconfigured = {
                publisher.visit(&seen) { settings in
                    context.settings = settings.server
                    second?.settings = settings.server
                    loop.change(settings.connections)
                }
            }
            if let upgrade = router.upgrades.first ?? administration?.upgrades.first {
                loop.idleTimeout = { state, drainDelay in
                    upgrade.idleTimeout(state, context.settings, drainDelay)
                }
            }
        }
    }

    /// Replaces the settings: each worker takes the new ones over when its loop comes round, and deadlines that are set
    /// already stay. On the control thread.
    public func change(settings: ServerSettings, connections: ConnectionSettings) {
        connections.apply()
        publisher.publish(settings, connections)
        ConnectionLoop.forEach { $0.requestReconfiguration() }
    }

    /// Accepts connections from `listener`. Before `Runtime.run`.
    public func listen(on listener: Listener, _ mode: AcceptMode) throws(Errno) {
        switch mode {
        case .workers:
            try ConnectionLoop.forEach { loop throws(Errno) in try loop.accept(from: listener) }
        case .thread:
            if acceptor == nil { acceptor = try Acceptor() }
            try acceptor?.accept(from: listener)
        }
    }

    /// Starts the acceptor's thread, if ``listen(on:_:)`` was told `.thread`. Before `Runtime.run`, which otherwise
    /// ends the process.
    public func start() throws(Errno) { try acceptor?.start() }

    /// Ends all connections in good order: what waits in the kernel's queue is still accepted, requests in flight
    /// are answered, idle connections closed. The workers stop when their last connection has ended; `Runtime.join`
    /// waits for that. Called on the control thread, once.
    public func drain() {
        acceptor?.stop()
        ConnectionLoop.forEach { $0.requestDrain() }
    }
}
