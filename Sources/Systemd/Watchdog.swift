// Sources/Systemd/Watchdog.swift — how often systemd expects a sign of life.

internal import CSystemd

/// The service manager's watchdog: `WatchdogSec=` of systemd.service(5).
package enum Watchdog {
    /// Microseconds of silence after which systemd ends the service; nil if it does not watch this process.
    ///
    /// Ping at half of it, by ``Notifier/watchdog()``. Ask once, on the main thread: each time, sd_watchdog_enabled(3)
    /// reads `$WATCHDOG_USEC` and `$WATCHDOG_PID`.
    package static var interval: UInt64? {
        var microseconds: UInt64 = 0
        // SAFETY: one number is written.
        let result = unsafe sd_watchdog_enabled(0, &microseconds)
        return result > 0 ? microseconds : nil
    }
}
