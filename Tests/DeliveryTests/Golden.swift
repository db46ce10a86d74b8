import Foundation
import Testing

/// Compares a text with a file of `Golden/`. `TOCSIN_REGENERATE=1` writes the files anew, for a person
/// to read before committing.
func expectGolden(
  _ text: String, _ name: String, location: SourceLocation = #_sourceLocation
) {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden")
  let file = folder.appendingPathComponent(name)
  if ProcessInfo.processInfo.environment["TOCSIN_REGENERATE"] == "1" {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    } catch {
      Issue.record("\(name) can't be written: \(error)", sourceLocation: location)
    }
    return
  }
  guard let data = try? Data(contentsOf: file) else {
    Issue.record("Golden/\(name) is missing", sourceLocation: location)
    return
  }
  let wanted = String(decoding: data, as: UTF8.self)
  guard wanted != text else { return }
  let (old, new) = (wanted.components(separatedBy: "\n"), text.components(separatedBy: "\n"))
  let line =
    zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    ?? min(old.count, new.count)
  Issue.record(
    """
    Golden/\(name) differs at line \(line + 1):
      wanted: \(line < old.count ? old[line] : "(end)")
      is:     \(line < new.count ? new[line] : "(end)")
    """, sourceLocation: location)
}
