// Sources/Settings/SettingsReference.swift — the table of settings as text, for packaging/make-settings.

#if !hasFeature(Embedded)
    /// Describes the settings to other programs. Not in the freestanding build, which drops the texts.
    package enum SettingsReference {
        /// A line for each setting, with tabs between fields: section, name, kind, what is allowed (bounds, or words
        /// with `|` between them), default, the daemon's default, `live` or `restart`, its option or nothing, the
        /// setting that it must not exceed or nothing, help, note.
        package static var lines: [String] {
            var plain = Configuration(.plain).settings
            var daemon = Configuration(.daemon).settings
            return (0..<Key.count).map { number in
                let key = Key(number: number)
                let spec = key.spec
                return [
                    "\(spec.section?.name ?? "")", "\(spec.name)", kind(spec), allowed(spec),
                    written { spec.kind.write(key.binding.value(in: &plain), into: &$0) },
                    written { spec.kind.write(key.binding.value(in: &daemon), into: &$0) },
                    spec.isLive ? "live" : "restart",
                    spec.hasOption ? written { spec.writeName(for: .option, into: &$0) } : "",
                    "\(spec.notAbove)", "\(spec.help)", "\(spec.note)",
                ].joined(separator: "\t")
            }
        }

        private static func kind(_ spec: KeySpec) -> String {
            switch spec.kind {
            case .number(let bounds): "\(bounds.unit)"
            case .choice: "choice"
            default: "\(spec.kind)"
            }
        }

        private static func allowed(_ spec: KeySpec) -> String {
            written { text in
                switch spec.kind {
                case .number(let bounds): bounds.write(into: &text)
                case .choice(let words): ValueKind.write(words, "|", last: "|", into: &text)
                case .flag: text.add("yes|no")
                default: break
                }
            }
        }

        private static func written(_ body: (inout Text) -> Void) -> String {
            var text = Text()
            body(&text)
            return String(decoding: text.bytes, as: UTF8.self)
        }
    }
#endif
