// Sources/Runtime/Worker.swift — one thread: its loop, its queue, its descriptors.

import Bytes
import Linux
import Logging
import Primitives
import Synchronization

/// A worker thread. Bound tasks and descriptors live and die on one worker; everything here is touched by its own
/// thread alone, but for the inbox, the eventfd, the counters, and the queue that others steal free tasks from.
///
///            ┌───────────────────────────── the loop ─────────────────────────────┐
///      inbox ─▶ run queue ──▶ tasks run ─▶ timers expire ─▶ wait for readiness ─▶ descriptors are served
///      (any thread)           ▲                             (steals if there is nothing else, and then sleeps)
///               stealable ────┘◀─ half of another worker's
///
/// Tasks run for `Config.jobsPerTurn` jobs or `Config.sliceTime`, then descriptors are served.
///
/// A worker is made once and never freed, and says so in its reference count: counting it costs a load, not a bus lock.
public final class Worker {
    /// Which of the workers it is, from 0.
    public let index: Int
    let wakeUp: EventDescriptor
    /// The slot of ``wakeUp``'s descriptor.
    private let wakeUpSlot: Slot
    let reactor: Reactor
    // What other threads write or look at often lies in cache lines of its own.
    private let padding: [7 of UInt] = .init(repeating: 0)
    let inbox = Inbox()
    /// ``now``, for other threads: when the worker has last turned; the greatest number if it does not run. Relaxed:
    /// see ``silence(at:)``.
    let turnedAt = Atomic<UInt64>(.max)
    /// Whether the log has named the worker since it last turned. Relaxed: one of those that exchange it writes a line.
    let isNamed = Atomic<Bool>(false)
    /// Free tasks, which others may steal.
    let stealable = StealQueue()
    /// Whether ``stealable`` has been used since the worker last rested.
    var usesFreeTasks = false
    /// Whether it is a free task's turn, where bound ones are ready, too.
    private var isFreeTurn = false
    /// Tasks that are bound to this worker.
    var ready = RunQueue()
    /// Tasks that sleep, in ms.
    var sleepers: TimerWheel
    /// Wakes the tasks whose time has come, or the one whose cancellation has sent the entry. The first task that
    /// sleeps sets it: a program in which none does has no code for it.
    var serveSleepers: ((Worker, Sleeper?) -> Void)?
    /// Descriptors with a deadline, in coarse ticks.
    var deadlines: TimerWheel
    /// Its thread, once it has been started. The control thread's alone.
    var thread: Thread?
    /// Whether the loop turns.
    let heartbeat = Heartbeat()
    /// Milliseconds of the monotonic clock, read once a turn of the loop, after tasks have run, and after a sleep.
    package private(set) var now: UInt64 {
        // Lines of the log carry the time of the turn in which they were written.
        didSet {
            ThreadBlock.setTurn(now)
            turnedAt.store(now, ordering: .relaxed)
        }
    }
    /// What it calls for its descriptors and messages; set before it runs.
    package var callbacks = WorkerCallbacks()
    /// Whether it serves an event of several that came at once.
    package private(set) var isCrowded = false
    /// Which one of those that ``WorkerCallbacks/expected`` was called for.
    package private(set) var position = 0
    private var isStopping = false
    /// Whether the inbox has been told that this worker sleeps.
    private var isAsleep = false
    /// When it last looked whether the others turn.
    private var lookedAround: UInt64 = 0
    /// Whether nothing has happened since memory was last given back.
    private var isRested = false
    /// nil: this worker sleeps at once when it has nothing to do.
    private var spin: AdaptiveSpin?
    /// The descriptor of the last event, and how many waits in a row have brought just one event, and from it.
    private var talker: UInt64 = 0
    private var streak = 0

    /// A worker that waits with the given reactor. It runs when its thread calls ``run()``.
    init(index: Int, reactor: Reactor) throws(Errno) {
        self.index = index
        self.reactor = reactor
        wakeUp = try EventDescriptor()
        now = Clock.monotonicMilliseconds
        sleepers = try TimerWheel(tickShift: 0, now: now)
        deadlines = try TimerWheel(tickShift: Config.deadlineTickShift, now: now)
        guard let slot = DescriptorTable.open(wakeUp.descriptor) else { throw .tooManyOpenFiles }
        wakeUpSlot = slot
        makeImmortal(self)
        if reactor.isEdgeTriggered { spin = AdaptiveSpin() }
        try watch(slot)
    }

    /// Has this worker sleep at once: there are more workers than processors.
    func neverSpins() { spin = nil }

    /// The worker whose thread this is, if it is one's.
    @inline(__always)
    public static var current: Worker? { ThreadBlock.worker?.object }

    /// Whether the calling thread is this worker's.
    @inline(__always)
    package var isCurrent: Bool { ThreadBlock.worker == ImmortalReference(self) }

    /// The loop. Returns when ``stop()`` was called on this thread.
    func run() {
        ThreadBlock.worker = ImmortalReference(self)
        var name: [16 of UInt8] = .init(repeating: 0)
        let length = name.write { $0.append("worker-", index) }
        RawThread.setName(name.span.extracting(first: length))
        now = Clock.monotonicMilliseconds
        while !isStopping {
            heartbeat.answer()
            drainInbox()
            runReady()
            expire()
            turn(timeout: timeoutBeforeSleep())
        }
        heartbeat.end()
        turnedAt.store(.max, ordering: .relaxed)
    }

    /// Ends the loop after this turn.
    public func stop() { isStopping = true }

    /// Runs a task that waits for just this, until it suspends again or ends. Only what the loop calls may do so, not a
    /// task.
    ///
    /// - Parameter task: from ``ImmediateTask/make(_:)``, or a continuation's, which must have suspended.
    @inline(__always)
    package func runNow(_ task: Job) { task.run() }

    // MARK: The turn

    private func drainInbox() {
        var entry = unsafe inbox.drain().map { unsafe InboxEntry($0) }
        guard entry != nil else { return }
        while let current = entry.take() {
            entry = current.next
            switch current.take() {
            case .job(let job): ready.append(job)
            case .descriptor(let slot): callbacks.adopted(slot)
            case .sleeper(let sleeper): serveSleepers?(self, sleeper)
            case .message(let message): callbacks.received(message)
            }
        }
        // A connection that was handed over is served here, and its handler may have blocked.
        readClockAfterWork()
    }

    /// Runs what is ready for a bounded time, so that tasks that wake each other for ever do not keep descriptors
    /// waiting; bound and free tasks by turns.
    private func runReady() {
        if !FreeTasks.shared.isEmpty { runStolen() }
        guard !ready.isEmpty || hasFreeTasks else { return }
        var slice = TimeSlice()
        while runNext(), slice.continues() {}
        // What the tasks schedule is meant from the time at which they ended.
        readClockAfterWork()
    }

    @inline(__always)
    private var hasFreeTasks: Bool { usesFreeTasks && !stealable.isEmpty }

    /// Runs one job. False if there is none.
    @inline(__always)
    private func runNext() -> Bool {
        isFreeTurn = usesFreeTasks && (!isFreeTurn || ready.isEmpty)
        if isFreeTurn, let word = stealable.pop() {
            // SAFETY: the word is a job's, which has waited in this queue only.
            unsafe Job(bits: word).run()
        } else if let job = ready.popFirst() {
            job.run()
            callbacks.ran()
        } else {
            return false
        }
        return true
    }

    /// Runs a free task of another worker's, or of all workers'. False if there is none.
    @discardableResult
    private func runStolen() -> Bool {
        guard let job = FreeTasks.steal(for: self) else { return false }
        isRested = false
        job.run()
        readClockAfterWork()
        return true
    }

    private func readClockAfterWork() {
        let time = Clock.monotonicMilliseconds
        if time &- now >= UInt64(Config.blockedTime) { wasBlocked(for: time - now) }
        now = time
    }

    private func expire() {
        serveSleepers?(self, nil)
        unsafe deadlines.advance(to: now) { node in
            // SAFETY: this wheel holds slots' timers only.
            let slot = unsafe Slot(node)
            if slot.isOpen && slot.deadlineHasCome(at: now, in: deadlines) { callbacks.expired(slot) }
        }
    }

    /// 0 if there is something to do; else the time until the next timer, -1 for ever, and the inbox knows that this
    /// worker sleeps.
    private func timeoutBeforeSleep() -> Int {
        if now &- lookedAround >= UInt64(Config.silentTime) {
            lookedAround = now
            lookAround()
        }
        guard ready.isEmpty, !hasFreeTasks, !isStopping else { return 0 }
        if FreeTasks.isSomethingQueued, runStolen() { return 0 }
        var timeout = isRested ? -1 : Config.restDelay
        if let next = earliestTimer() {
            guard next > now else { return 0 }
            timeout = timeout < 0 ? Int(next - now) : Swift.min(timeout, Int(next - now))
        }
        unsafe currentHeap.pointee.collect()
        reactor.report(at: now)
        guard inbox.prepareToSleep() else { return 0 }
        isAsleep = true
        // From here on, a thread that queues a free task finds this worker asleep; what it queued before is found here.
        guard FreeTasks.isSomethingQueued else { return timeout }
        endSleep()
        return 0
    }

    /// Tells the inbox that this worker is awake; and does what it was woken for, before anything that could block it.
    private func endSleep() {
        isAsleep = false
        inbox.endSleep()
        if FreeTasks.isSearching(index) { runStolen() }
    }

    private func earliestTimer() -> UInt64? {
        guard let first = sleepers.nextDeadline else { return deadlines.nextDeadline }
        guard let second = deadlines.nextDeadline else { return first }
        return Swift.min(first, second)
    }

    private func turn(timeout: Int) {
        let hasEvents = timeout != 0 && spinForEvents() || serveEvents(timeout: timeout)
        if hasEvents {
            readClockAfterWork()
            isRested = false
        } else {
            now = Clock.monotonicMilliseconds
        }
        if isAsleep { endSleep() }
        if !hasEvents, timeout == Config.restDelay { rest() }
    }

    /// Asks for events for a moment, if that has paid lately, and serves them. False if there are none.
    ///
    /// Only while one peer talks to this worker: where several do, their events gather while it sleeps, and to serve
    /// many at once is cheaper than to serve each as soon as it comes.
    private func spinForEvents() -> Bool {
        guard streak >= Config.spinStreak, spin?.isDue() ?? false else { return false }
        let end = Clock.monotonicNanoseconds + Config.spinTime
        var hasEvents = serveEvents(timeout: 0)
        while !hasEvents, Clock.monotonicNanoseconds < end {
            // The peer that sends the next event may want this processor.
            RawThread.yield()
            hasEvents = serveEvents(timeout: 0)
        }
        spin?.attempted(hasPaid: hasEvents)
        return hasEvents
    }

    /// Waits for events, and serves them. False if there are none.
    private func serveEvents(timeout: Int) -> Bool {
        let found = reactor.wait(timeout: timeout)
        guard found > 0 else { return false }
        // After a sleep, what the events bring counts from when the worker woke up, not from when it fell asleep.
        if timeout != 0 { now = Clock.monotonicMilliseconds }
        if isAsleep { endSleep() }
        if found == 1 { serve(reactor.event(0)) } else { serveTogether(found) }
        return true
    }

    /// Serves several events. ``WorkerCallbacks/expected`` is called for up to `Config.transfersPerBatch` of them
    /// before the first is served.
    private func serveTogether(_ found: Int) {
        isCrowded = true
        var first = 0
        while first < found {
            let end = Swift.min(first + Config.transfersPerBatch, found)
            if let expected = callbacks.expected {
                for index in first..<end {
                    let event = reactor.event(index)
                    guard let slot = DescriptorTable.slot(token: event.token) else { continue }
                    expected(slot, event.readiness, index - first)
                }
                callbacks.gathered()
            }
            for index in first..<end {
                position = index - first
                serve(reactor.event(index))
            }
            first = end
        }
        streak = 0
        callbacks.gathered()
        isCrowded = false
    }

    @inline(__always)
    private func serve(_ event: EpollEvent) {
        streak = event.token == talker ? streak + 1 : 0
        talker = event.token
        guard let slot = DescriptorTable.slot(token: event.token) else { return }
        if slot == wakeUpSlot { return wokenUp() }
        // A connection for each request: that these are one peer's cannot be known, and rarely is so.
        if slot.phase == .listening { streak = 0 }
        callbacks.ready(slot, event.readiness)
    }

    /// The eventfd was written to. What for is in the inbox.
    private func wokenUp() {
        // A change is reported once, so that the counter may stay as it is; a state would be reported for ever.
        if !reactor.isEdgeTriggered { wakeUp.clear() }
    }

    /// Nothing has happened for a while: what the last burst of work took goes back to the kernel, once.
    private func rest() {
        isRested = true
        FreeTasks.endUse(self)
        callbacks.rested()
        unsafe currentHeap.pointee.trim()
    }
}

// MARK: - Descriptors

extension Worker {
    /// Sets `slot`'s deadline to `milliseconds` from now. Cost: a store; the wheel is touched only if no timer is in it
    /// or the one in it is later.
    @inline(never)
    package func setDeadline(_ slot: Slot, after milliseconds: Int) {
        assert(isCurrent || !isRunning, "a worker's descriptors are its own thread's")
        slot.setDeadline((now + UInt64(milliseconds)) >> Config.deadlineTickShift + 1, in: deadlines)
    }

    /// Sets `slot`'s deadline to `milliseconds` from now, unless it has an earlier one.
    @inline(never)
    package func limitDeadline(_ slot: Slot, after milliseconds: Int) {
        let tick = (now + UInt64(milliseconds)) >> Config.deadlineTickShift + 1
        if slot.isFree(until: tick) { setDeadline(slot, after: milliseconds) }
    }

    /// Removes `slot`'s deadline. Cost: a store.
    @inline(__always)
    package func clearDeadline(_ slot: Slot) { slot.clearDeadline() }

    /// Watches `slot`'s descriptor. `exclusive`: other workers watch it too, and one is enough.
    package func watch(_ slot: Slot, exclusive: Bool = false) throws(Errno) {
        assert(isCurrent || !isRunning, "a worker's descriptors are its own thread's")
        slot.workerIndex = index
        try reactor.add(slot, exclusive: exclusive)
    }

    /// Stops watching `slot`'s descriptor, but leaves it open.
    package func unwatch(_ slot: Slot) { reactor.remove(slot, isClosing: false) }

    /// Makes the reactor report the descriptor's present readiness again, as if it were new. Cost: a system call.
    package func rearm(_ slot: Slot) { reactor.rearm(slot) }

    /// Tells the reactor that the slot's state has changed.
    @inline(__always)
    package func update(_ slot: Slot) { reactor.update(slot) }

    /// Ends this use of the slot. The caller closes the descriptor next, and must not look at the slot from then on:
    /// its number may come back on another worker at once.
    package func forget(_ slot: Slot) {
        assert(isCurrent || !isRunning, "a worker's descriptors are its own thread's")
        slot.removeTimer(from: deadlines)
        reactor.remove(slot, isClosing: true)
        slot.flags = []
        slot.transition(to: .closed)
    }

    /// Says that a descriptor that was closed from outside, or broke, is no longer watched.
    package func reportRemoval(_ slot: Slot) {
        Log.write(reactor.tag, level: .info) { line in
            line.append(" removing closed fd=")
            line.append(decimal: Int(slot.descriptor.rawValue))
        }
    }
}
