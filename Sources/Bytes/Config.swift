// Sources/Bytes/Config.swift — every constant of the product, in one place.

/// Limits, sizes and defaults. Sizes are in bytes and times in milliseconds unless the name says otherwise.
package enum Config {
    // MARK: Identity

    /// The product's version, as `--version` and the log's first line print it.
    package static let version: StaticString = "0.1.0"

    // MARK: HTTP limits (RFC 9110, RFC 9112)

    /// Longest request target; longer is answered with 414.
    package static let maxRequestTarget = 8 * 1024
    /// What a request line may be longer than ``maxRequestTarget``: method, version and two spaces.
    package static let requestLineAllowance = 64
    /// Most empty lines that are skipped before a request line (RFC 9112 §2.2).
    package static let maxEmptyLines = 4
    /// Longest request head, request line and all fields; longer is answered with 431.
    package static let maxRequestHead = 16 * 1024
    /// Most header fields in a request; more is answered with 431.
    package static let maxHeaderFields = 100
    /// Largest request body that is read, to a handler or to be discarded; larger is answered with 413.
    package static let maxRequestBody = 1024 * 1024 * 1024
    /// Longest line of chunk size and chunk extensions.
    package static let maxChunkLine = 256
    /// Longest trailer section of a chunked body.
    package static let maxTrailers = 4 * 1024
    /// Most routes of a route table.
    package static let maxRoutes = 64
    /// Most `:name` segments of a route's pattern.
    package static let maxRouteParameters = 4

    // MARK: WebSocket limits (RFC 6455)

    /// Longest payload of one frame; longer closes with 1009.
    package static let maxFrame = 16 * 1024 * 1024
    /// Longest message, all its frames together; longer closes with 1009.
    package static let maxMessage = 16 * 1024 * 1024

    // MARK: Workers

    /// How long a worker asks for events before it sleeps, where that has paid lately, in ns.
    package static let spinTime: UInt64 = 50_000
    /// How many events in a row have to come from one peer before that is tried.
    package static let spinStreak = 8
    /// One wait in two to the power of this is tried, where it does not pay.
    package static let maxSpinPenalty = 8
    /// The log hears how many descriptors a worker watches at most every so many ms.
    package static let reactorReportInterval: UInt64 = 1000

    // MARK: Primitives

    /// Longest line of the log, line feed included; also the free room that a log ring demands for one line.
    package static let maxLogLine = 1024
    /// Most slots of a slot table, and so most tasks with a handle at a time.
    package static let maxSlots = 1024 * 1024
    /// Slots that a slot table maps at a time, 16 bytes each. A power of two.
    package static let slotsPerChunk = 4096
    /// Longest run of slabs of 16 KiB that is one block of a heap; more is a mapping of its own.
    package static let heapMaxRun = 4
    /// Most nodes of one timer bucket that are looked at to tell a sleeping worker its exact deadline.
    package static let timerScanLimit = 8

    // MARK: Runtime

    /// How often a thread looks at a locked mutex before it sleeps: about a microsecond.
    package static let mutexSpins = 32
    /// Stack of a thread, unless a program says otherwise. Code that is not optimised needs larger frames.
    package static var stackSize: Int {
        #if DEBUG
            256 * 1024
        #else
            64 * 1024
        #endif
    }
    /// Least stack of a worker that can be set: the loop itself needs a part of it.
    package static let minStackSize = 32 * 1024
    /// Largest stack of a worker that can be set.
    package static let maxStackSize = 1024 * 1024 * 1024
    /// Addresses below a stack at which every access faults: a frame up to this size cannot step over them.
    package static let stackGuardSize = 64 * 1024
    /// Stack of signal handlers, one for each thread: the kernel saves up to 3 KiB of vector registers there.
    package static let signalStackSize = 16 * 1024
    /// TLS block of a thread.
    package static let tlsBlockSize = 4 * 1024
    /// Most events that one epoll_wait reports.
    package static let eventsPerWait = 256
    /// Most jobs of tasks that run between two waits for readiness.
    package static let jobsPerTurn = 1024
    /// How long they run, in ns: about, since the clock is not read after each.
    package static let sliceTime: UInt64 = 1_000_000
    /// The clock is read after so many jobs, at least.
    package static let jobsPerLook = 8
    /// A worker that has not turned for so many ms is sent no connections, and loses its free tasks to others.
    package static let silentTime = 20
    /// A worker that has not turned for so many ms is named in the log.
    package static let blockedTime = 1000
    /// A worker that has had nothing to do for so many ms gives memory back.
    package static let restDelay = 1000
    /// Deadlines of connections are kept in ticks of 2^6 = 64 ms.
    package static let deadlineTickShift: UInt64 = 6
    /// Room for log lines of one thread. A power of two.
    package static let logRingSize = 128 * 1024
    /// Room for lines of one thread that the journal gets too. A power of two.
    package static let journalRingSize = 8 * 1024
    /// While lines come, they are written to the file every so many ms.
    package static let logFlushTime = 50

    // MARK: Connections

    /// Connections that the kernel accepts ahead of us, for each listener.
    package static let listenBacklog = 4096
    /// A worker's receive buffer. Twice 64 KiB: a message of 64 KiB has a header too (bench/NOTES.md).
    package static let receiveBufferSize = 128 * 1024
    /// Where in a page it begins: in the middle. The kernel fills its own pages from their start, and Zen 4 copies a
    /// byte a cycle to where the target is 1 to 15 bytes behind the source in their pages (bench/NOTES.md).
    package static let receiveBufferOffset = 2048
    /// A worker's output buffer: the responses to one batch of requests leave in one send.
    package static let sendBufferSize = 128 * 1024
    /// Connections whose answers leave in one system call, at most, and that are received from in one. A power of two.
    package static let transfersPerBatch = 32
    /// Room for what is received from one of several connections in one system call; a multiple of 64. A peer that
    /// sends more is received from alone the next time.
    package static let shortReceiveSize = 4096 + 192
    /// Bytes of answers after which they leave, however few there are.
    package static let sendBatchSize = 64 * 1024
    /// What a handler writes in one piece of so many bytes or more is sent from where it lies, in a send of its own;
    /// anything shorter is copied to the output buffer, and leaves with what else is there.
    package static let directWriteLength = 32 * 1024
    /// Receive buffers that a worker keeps for later; more are freed.
    package static let freeReceiveBuffers = 4
    /// Connection objects, with the tasks of those that have needed one, that a worker keeps for later; more are freed.
    package static let freeConnections = 64
    /// Full reads from one connection before others have their turn.
    package static let readsPerServing = 8
    /// Most pieces of one send, the heads of quoted responses included.
    package static let piecesPerSend = 32
    /// Connections that a worker accepts before it looks at its other descriptors.
    package static let acceptsPerTurn = 16
    /// While connections cannot be accepted, it is tried again every so many ms.
    package static let acceptRetryTime = 100
    /// Heap use, in 1/16 of the limit, from which on no connection is accepted.
    package static let acceptHeapShare = 15
    /// Time for the first bytes of a connection that was accepted just before the order to stop.
    package static let freshTimeout = 1_000
    /// Time for the peer to end its direction after this side has.
    package static let lingerTimeout = 5_000

    // MARK: WebSocket

    /// Silence after which a WebSocket is sent a Ping.
    package static let pingInterval = 30_000
    /// Silence after a Ping that ends a WebSocket.
    package static let pingTimeout = 30_000
    /// Most bytes that wait for a WebSocket's peer, beside what its connection sends already, from other tasks. Each
    /// message counts with its head in memory.
    package static let webSocketSendQueue = 1 << 20
    /// Time for the peer to answer a Close frame.
    package static let closeTimeout = 5_000
    /// Longest control frame that is sent: a header, and 125 bytes (RFC 6455 §5.5).
    package static let maxControlFrame = 2 + 125
    /// Spare room of a message that is gathered, where nothing is known of what is to come.
    package static let firstStoreSize = 512

    // MARK: Requests and responses

    /// Longest field section, from the end of the request line on, that is remembered in case it comes again.
    package static let maxRememberedFields = 1024
    /// How many field sections a worker remembers. A power of two.
    package static let rememberedFieldSections = 4
    /// A fixed response with a body of so many bytes or more is sent from where it lies; a shorter one is copied.
    package static let quotedLength = 4096
    /// Most bytes of a response's head, but for the fields that its handler adds.
    package static let maxResponseHead = 512
    /// Most bytes of the content type and the fields that a handler adds.
    package static let maxResponseFields = 4 * 1024
    /// What stays free of a log line for the server's own words in it.
    package static let logLineReserve = 96
    /// Bytes of a path that are logged when no route takes it.
    package static let maxLoggedPath = 128

    // MARK: The process

    /// Permissions of a new log file.
    package static let logFileMode = 0o640
    /// A supervisor is told of the server's state at most every so many ms.
    package static let statusInterval = 1000
    /// How long the end waits for the supervisor to have heard everything.
    package static let farewellTimeout = 5_000
    /// While the server drains, it looks at least every so many ms whether it is done.
    package static let drainCheckTime = 20

    // MARK: Defaults and bounds of what the command line sets

    /// Where to listen if no port is given.
    package static let defaultPort: UInt16 = 8000
    /// Most worker threads.
    package static let maxWorkers = 256
    /// The log, if no other is asked for.
    package static let logFilePath: StaticString = "/tmp/async-nostd.log"
    /// Silence between two requests that ends a connection.
    package static let idleTimeout = 60_000
    /// Time for a request's head to arrive, from its first byte on.
    package static let requestTimeout = 20_000
    /// Time for a route's handler; 0 is any: what streams, or waits for news, has to name no exception (as in Go's
    /// net/http and hyper).
    package static let handlerTimeout = 0
    /// Time in which a peer must take some of a response.
    package static let writeTimeout = 30_000
    /// Time for requests in flight after the order to stop.
    package static let drainTimeout = 20_000
    /// Shortest timeout that can be set.
    package static let minTimeout = 1
    /// Longest timeout that can be set: a day.
    package static let maxTimeout = 24 * 60 * 60 * 1000
    /// Most connections at a time: the default, and the most that can be set.
    package static let maxConnections = 1024 * 1024
    /// Largest limit on a WebSocket's messages and frames that can be set.
    package static let largestMessageLimit = 1024 * 1024 * 1024
    /// Most memory that all heaps take together.
    package static let heapLimit = 1024 * 1024 * 1024
    /// Least heap limit that can be set.
    package static let minHeapLimit = 1024 * 1024
    /// Largest heap limit that can be set: 1 TiB.
    package static let maxHeapLimit = 1024 * 1024 * 1024 * 1024

    // MARK: Configuration

    /// Spread of the closing of WebSockets when the server stops.
    package static let closeSpread = 0
    /// Least limit on a request's target and head that can be set.
    package static let minHeadLimit = 256
    /// Largest limit on a request's target and head that can be set: they are gathered in a receive buffer.
    package static let largestHeadLimit = 32 * 1024
    /// Largest limit on a request's fields that can be set.
    package static let largestFieldsLimit = 1000
    /// Largest limit on a request's body that can be set: 1 TiB.
    package static let largestBodyLimit = 1024 * 1024 * 1024 * 1024
    /// Most addresses of `Listen=`, and as many of `AdminListen=`.
    package static let maxAddresses = 64
    /// Most sockets that are accepted from: all of both, or what the service manager passes.
    package static let maxListeners = 128
    /// Largest file of a configuration.
    package static let maxConfigurationFile = 1024 * 1024
    /// Longest line in it, with those that continue it.
    package static let maxConfigurationLine = 32 * 1024
    /// Longest list of origins.
    package static let maxOriginList = 16 * 1024
    /// Most `*.conf` files beside the main one.
    package static let maxDropIns = 256
    /// Most errors of a configuration that are reported; it ends there.
    package static let maxConfigurationErrors = 100
    /// Most sections of one name that a pattern tells apart.
    package static let maxPatternedSections = 256
    /// Columns of `--help`.
    package static let usageColumns = 100

    // MARK: systemd

    /// A worker that does not answer is looked at so many times in half of the watchdog's interval.
    package static let looksAtSilence: UInt64 = 8

    /// Most bytes of a status text; longer ones are cut.
    package static let maxStatus = 256
    /// Where journald takes entries: systemd.io/JOURNAL_NATIVE_PROTOCOL.
    package static let journalSocket: StaticString = "/run/systemd/journal/socket"
    /// What journalctl(1) shows as the writer of an entry.
    package static let journalIdentifier: StaticString = "async-nostd"
}
