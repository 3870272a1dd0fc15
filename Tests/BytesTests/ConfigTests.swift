// Tests/BytesTests/ConfigTests.swift — what the constants demand of each other, so that a change of one finds the rest.

import Bytes
import Testing

@Suite struct ConfigTests {
    private static let page = 4096

    // MARK: Forms

    @Test(arguments: [
        ("slotsPerChunk", Config.slotsPerChunk), ("logRingSize", Config.logRingSize),
        ("journalRingSize", Config.journalRingSize), ("transfersPerBatch", Config.transfersPerBatch),
        ("rememberedFieldSections", Config.rememberedFieldSections),
    ])
    func sizesThatAreMasksArePowersOfTwo(_ name: String, _ size: Int) {
        #expect(size > 0 && size & (size - 1) == 0, "\(name)")
    }

    @Test(arguments: [
        ("stackSize", Config.stackSize), ("signalStackSize", Config.signalStackSize),
        ("tlsBlockSize", Config.tlsBlockSize), ("logRingSize", Config.logRingSize),
        ("journalRingSize", Config.journalRingSize), ("receiveBufferSize", Config.receiveBufferSize),
        ("sendBufferSize", Config.sendBufferSize), ("sendBatchSize", Config.sendBatchSize),
    ])
    func whatIsMappedIsWholePages(_ name: String, _ size: Int) {
        #expect(size > 0 && size % Self.page == 0, "\(name)")
    }

    @Test func shiftsAndSharesAreInTheirRanges() {
        #expect(Config.deadlineTickShift < 32 && Config.maxSpinPenalty < 32)
        #expect((1..<16).contains(Config.acceptHeapShare), "a share in sixteenths")
        #expect(Config.maxWorkers <= 1 << 16, "a descriptor's slot names its worker in 16 bits")
        #expect(Config.maxSlots < 1 << 32, "a slot's index has 32 bits")
        #expect(Config.piecesPerSend <= 1024, "IOV_MAX of sendmsg(2)")
        #expect(Config.logFileMode & ~0o777 == 0)
    }

    // MARK: What is received

    @Test func aHeadFitsInAReceiveBuffer() {
        #expect(Config.largestHeadLimit <= Config.receiveBufferSize, "heads are gathered in one")
        #expect(Config.maxTrailers <= Config.receiveBufferSize && Config.maxChunkLine <= Config.receiveBufferSize)
        #expect(Config.maxRequestTarget + Config.requestLineAllowance <= Config.maxRequestHead)
        #expect(Config.maxRememberedFields <= Config.maxRequestHead)
        #expect(Config.maxRouteParameters <= Config.maxRequestTarget / 2, "each is a slash and a byte at least")
    }

    @Test func aShortReceiveIsAPartOfALongOne() {
        #expect(Config.shortReceiveSize % 64 == 0, "buffers of a batch begin at cache lines")
        #expect(Config.shortReceiveSize <= Config.receiveBufferSize, "what came is moved to a receive buffer")
        #expect(Config.transfersPerBatch <= Config.eventsPerWait, "a batch is a part of a wait's events")
    }

    @Test func aReceiveBufferBeginsInTheMiddleOfAPage() {
        #expect(Config.receiveBufferOffset == Self.page / 2)
    }

    // MARK: What is sent

    @Test func whatIsWrittenWholeFitsInTheOutputBuffer() {
        #expect(Config.maxResponseHead + Config.maxResponseFields <= Config.sendBufferSize)
        #expect(Config.maxControlFrame <= Config.sendBufferSize)
        #expect(Config.quotedLength + Config.maxResponseHead <= Config.sendBufferSize, "a shorter one is copied")
        #expect(Config.directWriteLength <= Config.sendBufferSize, "anything shorter is copied")
        #expect(Config.sendBatchSize <= Config.sendBufferSize)
    }

    @Test func aQuotedResponseHasItsPieces() {
        // A head of its own, a body that lies elsewhere, and what is written behind it.
        #expect(Config.piecesPerSend >= 3)
        #expect(Config.quotedLength <= Config.directWriteLength, "what a handler may write directly is quoted")
    }

    @Test func aControlFrameIsAHeaderAnd125Bytes() { #expect(Config.maxControlFrame == 2 + 125) }

    // MARK: The log

    @Test func aLogRingHasRoomForLines() {
        #expect(Config.logRingSize >= 2 * Config.maxLogLine && Config.journalRingSize >= 2 * Config.maxLogLine)
        #expect(Config.journalRingSize <= Config.logRingSize)
        // A method and a path, each cut, and the server's own words.
        #expect(2 * Config.maxLoggedPath + Config.logLineReserve < Config.maxLogLine)
        #expect(Config.maxStatus <= Config.maxLogLine)
    }

    // MARK: Tables and turns

    @Test func aSlotTableIsWholeChunks() {
        #expect(Config.maxSlots % Config.slotsPerChunk == 0)
        #expect(Config.maxConnections <= Config.maxSlots, "each connection may need a task with a handle")
    }

    @Test func aRunOfSlabsFitsInASegment() {
        // 256 KiB, of which the first slab of 16 KiB holds the header.
        #expect((1...15).contains(Config.heapMaxRun))
    }

    @Test func aTurnHandlesWhatAWaitReports() {
        #expect(Config.eventsPerWait <= Config.jobsPerTurn, "each event may resume a task")
        #expect(Config.acceptsPerTurn <= Config.listenBacklog)
    }

    @Test func listenersAreThoseOfBothSettings() { #expect(Config.maxListeners == 2 * Config.maxAddresses) }

    // MARK: Times

    @Test(arguments: [
        ("idleTimeout", Config.idleTimeout), ("requestTimeout", Config.requestTimeout),
        ("writeTimeout", Config.writeTimeout), ("lingerTimeout", Config.lingerTimeout),
        ("freshTimeout", Config.freshTimeout), ("drainTimeout", Config.drainTimeout),
        ("pingInterval", Config.pingInterval), ("pingTimeout", Config.pingTimeout),
        ("closeTimeout", Config.closeTimeout),
    ])
    func defaultTimeoutsMayBeSetAndAreLongerThanATick(_ name: String, _ milliseconds: Int) {
        #expect((Config.minTimeout...Config.maxTimeout).contains(milliseconds), "\(name)")
        #expect(milliseconds > 1 << Config.deadlineTickShift, "\(name): deadlines are kept in ticks")
    }

    @Test func aDeadlineFitsInTicksOf32Bits() {
        let years = (UInt64(UInt32.max) << Config.deadlineTickShift) / (365 * 24 * 60 * 60 * 1000)
        #expect(years >= 5, "how long a machine may run before they come round")
    }

    @Test func theEndIsWithinItsTime() {
        #expect(Config.closeSpread <= Config.drainTimeout)
        #expect(Config.closeTimeout <= Config.drainTimeout && Config.freshTimeout <= Config.drainTimeout)
        #expect(Config.drainCheckTime <= Config.statusInterval, "the supervisor's time is extended in time")
        #expect(Config.logFlushTime <= Config.statusInterval)
    }

    // MARK: Defaults and what may be set

    @Test(arguments: [
        ("maxRequestTarget", Config.minHeadLimit, Config.maxRequestTarget, Config.largestHeadLimit),
        ("maxRequestHead", Config.minHeadLimit, Config.maxRequestHead, Config.largestHeadLimit),
        ("maxHeaderFields", 1, Config.maxHeaderFields, Config.largestFieldsLimit),
        ("maxRequestBody", 0, Config.maxRequestBody, Config.largestBodyLimit),
        ("maxFrame", 1, Config.maxFrame, Config.largestMessageLimit),
        ("maxMessage", 1, Config.maxMessage, Config.largestMessageLimit),
        ("heapLimit", Config.minHeapLimit, Config.heapLimit, Config.maxHeapLimit),
        ("maxConnections", 1, Config.maxConnections, Config.maxConnections),
    ])
    func defaultLimitsMayBeSet(_ name: String, _ least: Int, _ value: Int, _ most: Int) {
        #expect(least <= value && value <= most, "\(name)")
    }

    @Test func theLeastHeapHoldsAWorkersBuffers() {
        #expect(Config.minHeapLimit >= Config.receiveBufferOffset + Config.receiveBufferSize)
    }

    @Test func aConfigurationsPartsFitInIt() {
        #expect(Config.maxOriginList <= Config.maxConfigurationLine)
        #expect(Config.maxConfigurationLine <= Config.maxConfigurationFile)
    }
}
