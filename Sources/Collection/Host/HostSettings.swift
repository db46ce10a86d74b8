import Diagnostics
import Language
import Model

/// `host { … }`: which host checks run, and what they leave out.
package struct HostSettings: Sendable, Hashable {
  /// Names of collectors; empty means all.
  var collectors: [String]
  var excludedMounts: ScrapeSettings.MetricPattern?
  var excludedFileSystems: ScrapeSettings.MetricPattern?
  var excludedDisks: ScrapeSettings.MetricPattern?
  var excludedInterfaces: ScrapeSettings.MetricPattern?
  /// Collectors turned off by name.
  var omitted: [String]

  /// node_exporter's defaults (`collector/filesystem_linux.go`, `collector/diskstats_linux.go`).
  static let mounts =
    "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)"
  static let fileSystems =
    "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660"
    + "|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs"
    + "|sysfs|tracefs)$"
  static let disks = "^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\\d+n\\d+p)\\d+$"

  package init(reading block: BlockReader) {
    let names = HostRegistry.collectors.map { $0.name }
    collectors = block.readEach("collect", .collectors(names), "Collect only these.")
      .flatMap(\.value)
    omitted = block.readEach("omit", .collectors(names), "Collect all but these.")
      .flatMap(\.value)
    excludedMounts =
      block.read("exclude mountpoint", .searchPattern, "Mount points to leave out, as a pattern.")?
      .value ?? Self.pattern(Self.mounts)
    excludedFileSystems =
      block.read("exclude fstype", .searchPattern, "File system types to leave out.")?.value
      ?? Self.pattern(Self.fileSystems)
    excludedDisks =
      block.read("exclude disk", .searchPattern, "Block devices to leave out.")?.value
      ?? Self.pattern(Self.disks)
    excludedInterfaces =
      block.read("exclude interface", .searchPattern, "Network interfaces to leave out.")?.value
  }

  /// The checks of a configuration that does not mention the host.
  package init() {
    collectors = []
    omitted = []
    excludedMounts = Self.pattern(Self.mounts)
    excludedFileSystems = Self.pattern(Self.fileSystems)
    excludedDisks = Self.pattern(Self.disks)
  }

  private static func pattern(_ source: String) -> ScrapeSettings.MetricPattern? {
    (try? Pattern(source, anchored: false)).map { .init(pattern: $0) }
  }

  func collects(_ name: String) -> Bool {
    (collectors.isEmpty || collectors.contains(name)) && !omitted.contains(name)
  }
}

extension SettingType where Value == [String] {
  /// Names of host collectors.
  static func collectors(_ names: [String]) -> SettingType {
    SettingType("names of host collectors") { input in
      var found: [String] = []
      for word in input.words {
        guard names.contains(word.text) else {
          let nearest = Suggestion.nearest(to: word.text, in: names)
          input.report(
            Diagnostic(
              "E012", .error, "there is no host collector called `\(word.text)`", at: word.range,
              "unknown collector",
              notes: nearest == nil ? ["collectors: " + names.joined(separator: ", ")] : [],
              help: nearest.map { "did you mean `\($0)`?" },
              replacement: nearest.map { .init(word.range, $0) }))
          continue
        }
        found.append(word.text)
      }
      return found.isEmpty ? nil : Located(value: found, range: input.range)
    }
  }
}

extension SettingType where Value == ScrapeSettings.MetricPattern {
  /// A pattern that matches anywhere in the text.
  static var searchPattern: SettingType {
    SettingType("a pattern") { input in
      guard let word = input.single("a pattern") else { return nil }
      do throws(Pattern.Failure) {
        let pattern = try Pattern(word.text, anchored: false)
        return Located(value: .init(pattern: pattern), range: word.range)
      } catch {
        input.reject(word, "a pattern", help: error.reason)
        return nil
      }
    }
  }
}
