// packaging/settings-table/Main.swift — prints the table of settings, for packaging/make-settings.

import Settings

@main enum Main {
    static func main() {
        for line in SettingsReference.lines { print(line) }
    }
}
