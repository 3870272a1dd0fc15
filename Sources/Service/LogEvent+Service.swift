// Sources/Service/LogEvent+Service.swift — what the log says of the process.

import Logging
import Options

extension LogTag {
    /// The process begins, is ready, ends.
    static var start: LogTag { LogTag("[START]") }
    /// A signal came.
    static var signal: LogTag { LogTag("[SIGNAL]") }
    /// The configuration.
    static var config: LogTag { LogTag("[CONFIG]") }
    /// Whether the workers still answer.
    static var watchdog: LogTag { LogTag("[WATCHDOG]") }
    /// The state of everything, on demand.
    static var dump: LogTag { LogTag("[DUMP]") }
}

extension LogEvent {
    /// The service is up.
    static var started: LogEvent { LogEvent(.start, messageID: 0xc3f0_1f3a_8161_423a_95bf_2b4d_6364_5c26) }
    /// The service has ended in good order.
    static var stopped: LogEvent { LogEvent(.start, messageID: 0xb1c5_db41_0b3a_415f_861e_a799_185d_df3b) }
    /// Something else in the service's life: it listens, or cannot start.
    package static var lifecycle: LogEvent { LogEvent(.start, messageID: 0xe6c4_abc0_377d_4a9a_a209_2a05_7eb3_e58b) }
    /// A signal came.
    static var signal: LogEvent { LogEvent(.signal, messageID: 0xaa1d_6492_7487_4cd1_b8a4_e2ff_2cfe_f30f) }
    /// The configuration was read, or what it changed.
    package static var configuration: LogEvent {
        LogEvent(.config, messageID: 0xaac1_3dc4_0d58_402a_b9ea_78ce_53ec_41e9)
    }
    /// The configuration is wrong; the old one, if there is one, is kept.
    static var configurationRefused: LogEvent {
        LogEvent(.config, messageID: 0x3b8b_71f2_bd42_44ee_a3d1_69b6_4b1d_ec7a)
    }
    /// A worker does not answer, or answers again.
    static var watchdog: LogEvent { LogEvent(.watchdog, messageID: 0xca81_9182_26e4_4fb3_860b_26aa_d7bc_f555) }

    /// A line about the configuration, by its level.
    static func configuration(_ level: LogLevel) -> LogEvent {
        level == .error ? .configurationRefused : .configuration
    }
}
