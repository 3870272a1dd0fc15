// Sources/Server/WorkerContext.swift — what one worker keeps for all its HTTP connections.

import HTTP
import Linux
import Primitives
import Runtime
import Utilities

/// The date and the fixed responses of one worker.
@safe final class WorkerContext {
    let router: Router
    let settings: ServerSettings
    let worker: Worker
    /// The responses of `Router.fixed`, in the same order.
    private var fixed: [FixedResponse]
    private var store: ByteWriter
    private var currentDate = HTTPDate()
    /// When the machine's clock has to be looked at again, by the worker's.
    private var nextUpdate: UInt64 = 0

    init(_ worker: Worker, _ router: Router, _ settings: ServerSettings) throws(Errno) {
        var size = 1
        for index in router.fixed.indices { size += router.fixed[index].maxLength }
        let memory = unsafe try Memory.map(Memory.pages(size)).assumingMemoryBound(to: UInt8.self)
        self.worker = worker
        self.router = router
        self.settings = settings
        // SAFETY: the mapping is kept for the process's life, like the context.
        unsafe store = ByteWriter(unsafeBase: memory, capacity: size)
        fixed = []
        for index in router.fixed.indices { add(router.fixed[index]) }
        makeImmortal(self)
    }

    private func add(_ response: Router.Fixed) {
        let built = FixedResponse(
            .ok, contentType: response.contentType, fields: response.fields, body: response.body.bytes,
            date: currentDate, in: &store)
        guard let built else { fatalError("room for all fixed responses was made") }
        fixed.append(built)
    }

    /// The date of the responses of this turn.
    var date: HTTPDate {
        @inline(__always) get {
            refresh()
            return currentDate
        }
    }

    /// Appends a fixed response. The caller has made room for ``maxLength(_:)`` bytes.
    @inline(__always)
    func append(fixed index: Int, _ context: ResponseContext, to output: inout ByteWriter) -> Status {
        refresh()
        fixed[index].append(context, from: store, to: &output)
        return fixed[index].status
    }

    /// Most bytes that a fixed response takes.
    @inline(__always)
    func maxLength(_ index: Int) -> Int { fixed[index].maxLength }

    /// Bytes of a fixed response's body.
    @inline(__always)
    func bodyLength(_ index: Int) -> Int { fixed[index].bodyLength }

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
