// Sources/Settings/SettingsTable.swift — every setting of the program, one row for each.
//
// All else is made from these rows: how files, environment and command line are read, `--help`, `--print-config`, and,
// by packaging/make-settings, the shipped file, the manual page, the completion and the documents. The rows stand in
// the order in which all of these show them, those of a section together.

import Bytes

/// The settings.
let settingsTable: [_ of KeyBinding<Settings>] = [

    // MARK: [Server]

    KeyBinding(
        "Listen", .server, .addresses, .restart,
        help: """
            where to listen when systemd passes no sockets: `PORT`, `IP:PORT`, `[IPV6]:PORT`, `unix:/PATH` or \
            `unix:@NAME`
            """,
        note: "A port alone is on 0.0.0.0; [::] is for IPv6 and IPv4.",
        { $1.transfer(&$0.listen) }),
    KeyBinding(
        "AdminListen", .server, .addresses, .restart,
        help: "sockets for administration, which answer `/metrics` and `/healthz` only",
        note: "They are not used where systemd passes sockets.",
        { $1.transfer(&$0.adminListen) }),
    KeyBinding(
        "AdminRoutes", .server, .choice("everywhere\nmetrics\nadmin\n"), .restart,
        help: """
            which routes only sockets for administration answer: none (`everywhere`), `/metrics` (`metrics`), \
            `/metrics` and `/healthz` (`admin`)
            """,
        { $1.transfer(&$0.adminRoutes) }),
    KeyBinding(
        "Workers", .server, .count(0, Config.maxWorkers), .restart,
        help: "number of worker threads; 0 is one for every CPU that the process may use",
        { $1.transfer(&$0.workers) }),
    KeyBinding(
        "Reactor", .server, .choice("auto\nio_uring\nepoll\nppoll\n"), .restart, hasOption: true,
        help: """
            how workers wait and move bytes; `auto` is `io_uring` where the kernel allows it, else `epoll`
            """,
        note: """
            io_uring needs Linux 5.18 and a sandbox that allows it; examples/io_uring.conf makes the packaged \
            service's sandbox allow it.
            """,
        { $1.transfer(&$0.reactor) }),
    KeyBinding(
        "Accept", .server, .choice("workers\nthread\n"), .restart, hasOption: true,
        help: "who accepts connections: every worker, or one thread that hands them over",
        { $1.transfer(&$0.acceptMode) }),
    KeyBinding(
        "DrainTimeout", .server, .time(),
        help: "how long connections may continue after SIGTERM",
        note: "Keep it below TimeoutStopSec= of the service.",
        { $1.transfer(&$0.drainTimeout) }),

    // MARK: [Limits]

    KeyBinding(
        "MaxConnections", .limits, .count(1, Config.maxConnections),
        help: "most connections at a time; more wait in the kernel's queue",
        { $1.transfer(&$0.connections.maxConnections) }),
    KeyBinding(
        "HeapLimit", .limits, .size(Config.minHeapLimit, Config.maxHeapLimit),
        help: """
            most memory for connections and tasks; near it the server accepts no connection and allocates no buffer
            """,
        note: "Keep it below MemoryMax= of the service, where the kernel ends it.",
        { $1.transfer(&$0.heapLimit) }),

    // MARK: [HTTP]

    KeyBinding(
        "IdleTimeout", .http, .time(),
        help: "silence between two requests that ends a connection",
        {
            $1.transfer(&$0.server.idleTimeout)
            $0.connections.idleTimeout = $0.server.idleTimeout
        }),
    KeyBinding(
        "RequestTimeout", .http, .time(),
        help: "time for a request's head, from its first byte, and for each wait for more of a body",
        note: "A late head is answered with 408.",
        {
            $1.transfer(&$0.server.requestTimeout)
            $0.connections.firstTimeout = $0.server.requestTimeout
        }),
    KeyBinding(
        "HandlerTimeout", .http, .time(0),
        help: "time for a route's handler, with all of its response; 0 is any",
        note: "A late handler is cancelled, and its request is answered with 503.",
        { $1.transfer(&$0.server.handlerTimeout) }),
    KeyBinding(
        "WriteTimeout", .http, .time(),
        help: "time in which a client must accept some bytes of a response",
        { $1.transfer(&$0.connections.writeTimeout) }),
    KeyBinding(
        "LingerTimeout", .http, .time(),
        help: "how long the server waits for the client to close after it has closed its own side",
        { $1.transfer(&$0.connections.lingerTimeout) }),
    KeyBinding(
        "MaxRequestTarget", .http, .size(Config.minHeadLimit, Config.largestHeadLimit), notAbove: "MaxRequestHead",
        help: "longest target of a request",
        note: "A longer one is answered with 414.",
        { $1.transfer(&$0.server.maxRequestTarget) }),
    KeyBinding(
        "MaxRequestHead", .http, .size(Config.minHeadLimit, Config.largestHeadLimit),
        help: "longest head of a request",
        note: "A longer one is answered with 431.",
        { $1.transfer(&$0.server.maxRequestHead) }),
    KeyBinding(
        "MaxHeaderFields", .http, .count(1, Config.largestFieldsLimit),
        help: "most header fields of a request",
        note: "A request with more is answered with 431.",
        { $1.transfer(&$0.server.maxHeaderFields) }),
    KeyBinding(
        "MaxRequestBody", .http, .size(0, Config.largestBodyLimit),
        help: "largest body of a request",
        note: "A larger one is answered with 413.",
        { $1.transfer(&$0.server.maxRequestBody) }),

    // MARK: [WebSocket]

    KeyBinding(
        "Origins", .webSocket, .origins, hasOption: true,
        help: "origins of the pages that may open WebSockets, such as `https://a.example`",
        note: """
            Others, and clients that name no origin, are answered with 403. Empty or * is all. The list has at most \
            16384 bytes.
            """,
        { $1.transfer(origins: &$0.server.allowedOrigins) }),
    KeyBinding(
        "PingInterval", .webSocket, .time(),
        help: "silence after which the server sends a Ping",
        { $1.transfer(&$0.server.pingInterval) }),
    KeyBinding(
        "PingTimeout", .webSocket, .time(),
        help: "silence after the Ping that ends the WebSocket",
        { $1.transfer(&$0.server.pingTimeout) }),
    KeyBinding(
        "CloseTimeout", .webSocket, .time(),
        help: "time for the peer to answer a Close",
        { $1.transfer(&$0.server.closeTimeout) }),
    KeyBinding(
        "CloseSpread", .webSocket, .time(0), notAbove: "DrainTimeout",
        help: """
            time over which WebSockets are closed after SIGTERM, so that clients do not all come back at once
            """,
        { $1.transfer(&$0.connections.closeSpread) }),
    KeyBinding(
        "MaxMessage", .webSocket, .size(1, Config.largestMessageLimit),
        help: "largest message, all its fragments together",
        note: "A larger one ends the WebSocket with 1009.",
        { $1.transfer(&$0.server.maxMessage) }),
    KeyBinding(
        "MaxFrame", .webSocket, .size(1, Config.largestMessageLimit),
        help: "largest frame",
        note: "A larger one ends the WebSocket with 1009.",
        { $1.transfer(&$0.server.maxFrame) }),

    // MARK: [Log]

    KeyBinding(
        "LogFile", .log, .logFile, .restart, hasOption: true,
        help: """
            path of the log, `-` for standard error, or `off`; for the daemon, `$LOGS_DIRECTORY/async-nostd.log` if \
            systemd sets that variable
            """,
        note: """
            A path has up to 255 bytes. The file is opened again at SIGHUP and at SIGUSR1. What goes to standard error \
            is in the journal as it is, without priority and fields.
            """,
        { $1.transfer(&$0.logDestination, &$0.logFile) }),
    KeyBinding(
        "LogLevel", .log, .choice("error\nwarning\ninfo\ndebug\n"), hasOption: true,
        help: "the least important lines that are logged",
        { $1.transfer(&$0.logLevel) }),
    KeyBinding(
        "LogTruncate", .log, .flag, .restart,
        help: "whether the log is emptied at the start",
        { $1.transfer(&$0.logTruncate) }),
    KeyBinding(
        "LogJournal", .log, .flag, .restart,
        help: "whether the daemon writes the process's life, warnings and errors to the journal",
        { $1.transfer(&$0.logJournal) }),
    KeyBinding(
        "AccessLog", .log, .choice("tag\ncombined\noff\n"),
        help: """
            how requests are logged: as lines `[HTTP]` (`tag`), in the combined format of Apache and nginx \
            (`combined`), or not at all (`off`)
            """,
        { $1.transfer(&$0.server.accessLog) }),
]
