import FoundationEssentials

/// Inputs in folders: `Corpus/TARGET` holds good beginnings, `Kept/TARGET` what once went wrong.
package enum FuzzCorpus {
  /// The inputs a run begins with: the corpus, then what was kept.
  package static func inputs(of target: FuzzTarget, in folder: String) -> [[UInt8]] {
    ["Corpus", "Kept"].flatMap { files(of: target, in: "\(folder)/\($0)").map(\.bytes) }
  }

  /// The files of a target below a folder, by name; a file called `….lines` holds an input a line.
  package static func files(
    of target: FuzzTarget, in folder: String
  ) -> [(path: String, bytes: [UInt8])] {
    let place = "\(folder)/\(target.name)"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
    return names.sorted().flatMap { name -> [(path: String, bytes: [UInt8])] in
      let path = "\(place)/\(name)"
      guard let data = FileManager.default.contents(atPath: path) else { return [] }
      guard name.hasSuffix(".lines") else { return [(path, Array(data))] }
      return data.split(separator: UInt8(ascii: "\n")).map { (path, Array($0)) }
    }
  }
}
