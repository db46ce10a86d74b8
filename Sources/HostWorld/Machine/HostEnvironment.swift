import CHostWorld
import Glibc
import Outside

/// The process' environment and identity, and its use of the machine from /proc/self.
struct HostEnvironment: EnvironmentValues {
  let hostName: String
  let processID = getpid()
  let userID = geteuid()

  init() {
    var name = utsname()
    hostName =
      uname(&name) == 0
      ? withUnsafeBytes(of: &name.nodename) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      } : "localhost"
  }

  subscript(name: String) -> String? { getenv(name).map { String(cString: $0) } }

  func usage() -> ProcessUsage {
    var resident: UInt64 = 0
    if let text = readSmallFile("/proc/self/statm") {
      let fields = text.split(separator: " ")
      if fields.count > 1, let pages = UInt64(fields[1]) {
        resident = pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
      }
    }
    var used = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used)
    let seconds = Double(used.tv_sec) + Double(used.tv_nsec) / 1e9
    return ProcessUsage(residentBytes: resident, cpuSeconds: seconds, openFiles: openFiles())
  }

  func giveBackMemory() { host_give_back_memory() }

  private func openFiles() -> Int {
    guard let directory = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(directory) }
    var count = 0
    while let entry = readdir(directory) {
      if entry.pointee.d_name.0 != UInt8(ascii: ".") { count += 1 }
    }
    // The directory's own descriptor is among them.
    return count - 1
  }
}

/// A file of the kernel's, which answers at once; nil when it can't be read.
func readSmallFile(_ path: String) -> String? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 16 << 10)
  while bytes.count < 4 << 20 {
    let count = read(descriptor, &chunk, chunk.count)
    guard count > 0 else { break }
    bytes += chunk[0..<count]
  }
  return String(decoding: bytes, as: UTF8.self)
}
