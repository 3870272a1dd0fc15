// Sources/Bytes/CivilDate.swift — from seconds to the calendar.

/// A moment in the Gregorian calendar, UTC.
package struct CivilDate: Equatable, Sendable {
    /// Year, 1970...
    package var year: Int
    /// Month, 1...12.
    package var month: Int
    /// Day of the month, 1...31.
    package var day: Int
    /// Hour, 0...23.
    package var hour: Int
    /// Minute, 0...59.
    package var minute: Int
    /// Second, 0...59: Unix time has no leap seconds.
    package var second: Int
    /// Day of the week, 0 is Sunday.
    package var weekday: Int

    /// The moment `unixSeconds` after 1970-01-01T00:00:00Z, not negative.
    ///
    /// Counts in years that begin on 1 March, so that the leap day is a year's last; 400 years have 146097 days.
    package init(unixSeconds: Int) {
        let daysSince1970 = unixSeconds / 86400
        let days = daysSince1970 + 719_468  // since 0000-03-01
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        hour = unixSeconds / 3600 % 24
        minute = unixSeconds / 60 % 60
        second = unixSeconds % 60
        weekday = (daysSince1970 + 4) % 7  // 1970-01-01 was a Thursday
    }
}
