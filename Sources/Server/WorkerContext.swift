// Sources/Server/WorkerContext.swift — what one worker keeps for all its HTTP connections.

import Bytes
import HTTP
import Linux
import Net
import Primitives
import Runtime

/// The date and the fixed responses of one worker.
///
/// - Invariant: the context and the memory of ``store`` live as long as the process, and only the worker's thread
///   touches them. The log of ``accessLogReference`` lives until `makeAccessLog()` replaces it between two events.
@safe final class WorkerContext {
    let router: Router
    /// Changed on the worker's thread, between two events.
    var settings: ServerSettings {
        didSet { if settings.accessLog != oldValue.accessLog { makeAccessLog() } }
    }
    private let accessLogs: [AccessLogStyle]
    /// Whether the messages of WebSockets are logged.
    private(set) var logsMessages = false
    private var accessLogReference: ImmortalReference<AccessLog>?
    let worker: Worker
    /// What each worker has answered.
    let allMetrics: [HTTPMetrics]
    /// What this one has.
    let metrics: HTTPMetrics
    /// The responses of `Router.fixed`, in the same order, ``FixedContent/Variant/count`` for each.
    private var fixed: [FixedResponse]
    /// Most bytes that any of them takes, for each of `Router.fixed`.
    private var rooms: [Int]
    private var store: ByteWriter
    /// Fields of the last requests.
    var memo = FieldMemo()
    private var currentDate = HTTPDate()
    /// When ``refresh()`` reads the machine's clock again, by the worker's clock.
    private var nextUpdate: UInt64 = 0

    init(
        _ worker: Worker, _ router: Router, _ settings: ServerSettings, _ accessLogs: [AccessLogStyle],
        _ metrics: [HTTPMetrics]
    ) throws(Errno) {
        var size = 1
        for index in router.fixed.indices { size += router.fixed[index].maxLength }
        let memory = unsafe try Memory.map(Memory.pages(size)).assumingMemoryBound(to: UInt8.self)
        self.worker = worker
        self.router = router
        self.settings = settings
        self.accessLogs = accessLogs
        allMetrics = metrics
        self.metrics = metrics[worker.index]
        // SAFETY: the mapping is kept for the process's life, like the context.
        unsafe store = ByteWriter(unsafeBase: memory, capacity: size)
        fixed = []
        rooms = []
        for index in router.fixed.indices { add(router.fixed[index]) }
        makeImmortal(self)
        makeAccessLog()
    }

    /// The log of requests; nil for none.
    @inline(__always)
    var accessLog: AccessLog? { accessLogReference?.object }

    private func makeAccessLog() {
        accessLog?.flush()
        // SAFETY: between two events no call of it is under way.
        unsafe accessLogReference?.free()
        accessLogReference = nil
        logsMessages = false
        for style in accessLogs where style.format == settings.accessLog {
            let log = style.make()
            makeImmortal(log)
            accessLogReference = ImmortalReference(log)
            logsMessages = style.logsMessages
            return
        }
    }

    private func add(_ content: FixedContent) {
        let first = fixed.count
        var room = 0
        for number in 0..<FixedContent.Variant.count {
            guard let variant = FixedContent.Variant(rawValue: number), content.offers(variant) else {
                // A request for this one gets the plain one.
                fixed.append(fixed[first])
                continue
            }
            guard let built = content.response(variant, currentDate, in: &store) else {
                fatalError("room for all fixed responses was made")
            }
            fixed.append(built)
            room = max(room, built.maxLength)
        }
        rooms.append(room)
    }

    /// The date of the responses of this turn.
    var date: HTTPDate {
        @inline(__always) get {
            refresh()
            return currentDate
        }
    }

    /// Which response for fixed content number `index` answers the request of `exchange`. Its head is at the start of
    /// `bytes`.
    @inline(__always)
    func responseNumber(forContent index: Int, _ exchange: ExchangeState, _ bytes: Span<UInt8>) -> Int {
        let plain = index &* FixedContent.Variant.count
        guard !exchange.cycle.head.known.hasConditions else { return plain &+ variant(index, exchange, bytes) }
        // Content without a compressed response has the plain one in its place.
        return exchange.cycle.head.prefersGzip ? plain &+ FixedContent.Variant.compressed.rawValue : plain
    }

    @inline(never)
    private func variant(_ index: Int, _ exchange: ExchangeState, _ bytes: Span<UInt8>) -> Int {
        router.fixed[index].variant(for: exchange.cycle.head, in: bytes).rawValue
    }

    /// Sends response number `number`. The caller has made room for ``maxLength(ofContent:)`` bytes.
    @inline(__always)
    func send(response number: Int, _ context: ResponseContext, on connection: HTTPConnectionHandler) -> Status {
        refresh()
        let response = fixed[number]
        guard response.bodyLength < Config.quotedLength || context.isHead else {
            sendLong(response, context, on: connection)
            return response.status
        }
        response.append(context, from: store, to: &connection.output)
        return response.status
    }

    /// Sends a response without copying it, if the connection can quote more bytes.
    @inline(__always)
    private func sendLong(_ response: FixedResponse, _ context: ResponseContext, on connection: HTTPConnectionHandler) {
        // SAFETY: the memory is the context's, as long as the process, and nothing in it changes but the dates.
        if context.isUsual {
            if unsafe connection.quote(response.bytes(in: store)) { return }
            return response.append(context, from: store, to: &connection.output)
        }
        response.append(headOnly: context, from: store, to: &connection.output)
        if unsafe connection.quote(response.body(in: store)) { return }
        response.append(bodyFrom: store, to: &connection.output)
    }

    /// Bytes of the body of response number `number`.
    @inline(__always)
    func bodyLength(ofResponse number: Int) -> Int { fixed[number].bodyLength }

    /// Most bytes that any response with fixed content number `index` takes.
    @inline(__always)
    func maxLength(ofContent index: Int) -> Int { rooms[index] }

    /// Looks at the machine's clock when the second may have changed, and not before.
    @inline(__always)
    private func refresh() {
        if worker.now >= nextUpdate { update() }
    }

    @inline(never)
    private func update() {
        let milliseconds = Clock.unixMilliseconds
        currentDate.update(Int64(milliseconds / 1000))
        nextUpdate = worker.now + (1000 - milliseconds % 1000)
        for index in fixed.indices { fixed[index].refresh(currentDate, in: &store) }
    }
}

/// Counters of one worker's requests and WebSocket messages. The worker changes them, any thread reads them.
public final class HTTPMetrics: Sendable {
    /// Requests answered, by the first digit of the status: 1xx to 5xx.
    public let informational = Counter()
    /// 2xx.
    public let successful = Counter()
    /// 3xx.
    public let redirected = Counter()
    /// 4xx.
    public let clientErrors = Counter()
    /// 5xx.
    public let serverErrors = Counter()
    /// Handlers whose time has passed.
    public let handlerTimeouts = Counter()
    /// WebSocket messages received.
    public let webSocketMessages = Counter()

    /// All 0. The object is immortal: a server's counters live as long as its workers.
    init() { makeImmortal(self) }

    /// All requests answered.
    public var requests: Int {
        informational.value + successful.value + redirected.value + clientErrors.value + serverErrors.value
    }

    /// Counts WebSocket messages. The worker's thread only.
    @inline(__always)
    func received(_ messages: Int) { webSocketMessages.add(messages) }

    /// Counts an answer. The worker's thread only.
    @inline(never)
    func count(_ status: Status) {
        switch status.code / 100 {
        case 2: successful.add()
        case 3: redirected.add()
        case 4: clientErrors.add()
        case 5: serverErrors.add()
        default: informational.add()
        }
    }
}
