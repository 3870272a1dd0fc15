// Tests/Freestanding/CheckRuntime/CheckRuntime.swift — a check program's runtime, started and stopped.

import Bytes
import CheckSupport
import Linux
import Logging
import Runtime

/// Starts this process's runtime; its log, if it has one, goes to standard error.
package func startRuntime(
    workers: Int, reactor: ReactorKind = .epoll, logs: Bool = false, stackSize: Int = Config.stackSize
) {
    do throws(Errno) {
        var options = RuntimeOptions()
        options.workers = workers
        options.reactor = reactor
        options.log = logs ? .on() : .off
        options.stackSize = stackSize
        try Runtime.prepare(options)
        if logs { _ = LogWriter(.standardError) }
        try Runtime.run()
    } catch {
        check(false, "the runtime starts")
    }
}

/// Tells every worker to stop. Any thread.
package func stopWorkers() {
    for index in 0..<Scheduler.workerCount {
        TaskHandle.spawnTask(on: Scheduler.worker(index)) { Worker.current?.stop() }
    }
}
