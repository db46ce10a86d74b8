// swift-tools-version: 6.2
import PackageDescription

// The rooms, in order. A row names everything its room may import; a room can import only rows
// above it, so arrows are one-way by construction. ARCHITECTURE.md prints the same table for
// people, and Tests/TidyTests holds every `import` line in Sources against it.

let rooms: [Room] = [
  // Leaf C shims that do no I/O.
  .shim("CRE2", libraries: ["re2"]),
  .shim("CProcessor"),

  // The half that decides: no clock, no disk, no network, no randomness.
  .room("Model", ["CRE2"]),
  .room("Diagnostics", []),
  .room("PromQLSyntax", ["Model", "Diagnostics"]),
  .room("Templates", ["Model", "Diagnostics"]),
  .room("Language", ["Model", "Diagnostics", "PromQLSyntax", "Templates"]),
  .room("Exposition", ["Model"]),
  .room("Storage", ["Model", "CProcessor"]),
  .room("PromQL", ["Model", "Diagnostics", "PromQLSyntax", "Storage"]),
  .room(
    "Alerting",
    ["Model", "Diagnostics", "PromQLSyntax", "Language", "Templates", "Storage", "PromQL"]),
  .room("Routing", ["Model", "Diagnostics", "Language"]),
  .room("Pipeline", ["Model", "Storage", "PromQL", "Alerting", "Routing"]),

  // The half that waits: it reaches the world only through the doors of `Outside`.
  .room("Outside", ["Model"]),
  .room("Collection", ["Model", "Diagnostics", "Language", "Exposition", "Outside"]),
  .room("Delivery", ["Model", "Diagnostics", "Language", "Templates", "Outside"]),
  .room("History", ["Model", "Outside"]),
  .shim("CAssets"),
  .room(
    "API",
    [
      "Model", "Diagnostics", "PromQLSyntax", "PromQL", "History", "Exposition", "Outside",
      "CAssets",
    ]),
  .room(
    "Analysis",
    [
      "Model", "Diagnostics", "Language", "Templates", "PromQLSyntax", "PromQL", "Alerting",
      "Routing",
    ]),
  .room(
    "Supervisor",
    [
      "Model", "Diagnostics", "PromQLSyntax", "Templates", "Language", "Exposition", "Storage",
      "PromQL", "Alerting", "Routing", "Pipeline", "Outside", "Collection", "Delivery", "History",
      "API", "Analysis", "CAssets",
    ], products: [.logging]),

  // The worlds behind the doors.
  .shim("CHostWorld", libraries: ["curl", "systemd", "sqlite3", "ssl", "crypto"]),
  .room(
    "HostWorld", ["Model", "Outside", "CHostWorld"],
    products: [.hummingbirdCore, .httpTypes, .nioCore, .nioPosix, .logging]),
  .room("SimulatedWorld", ["Model", "Outside"]),

  .program("tocsin", .every, products: [.argumentParser, .logging]),
  // Development only, not installed.
  .room("PromQLScripts", ["Model", "Diagnostics", "PromQLSyntax", "Storage", "PromQL"]),
  .room(
    "PromQLOracle", ["Model", "Diagnostics", "PromQLSyntax", "Storage", "PromQL", "Outside"]),
  .program(
    "differential",
    [
      "Model", "Diagnostics", "PromQLSyntax", "Storage", "PromQL", "Outside", "HostWorld",
      "PromQLOracle",
    ]),
  .program("conformance", .every),
  .room(
    "FuzzTargets",
    ["Model", "Diagnostics", "PromQLSyntax", "Language", "Exposition", "Storage", "PromQL"]),
  .program("fuzz", .only(["FuzzTargets"])),
]

/// A row of the table: a SwiftPM target, what it may import, and which packages it needs.
struct Room {
  enum Kind { case shim, room, program }
  enum Imports { case only([String]), every }
  var name: String
  var kind: Kind
  var imports: Imports
  var products: [Product] = []
  var libraries: [String] = []

  static func room(_ name: String, _ imports: [String], products: [Product] = []) -> Room {
    Room(name: name, kind: .room, imports: .only(imports), products: products)
  }
  static func shim(_ name: String, libraries: [String] = []) -> Room {
    Room(name: name, kind: .shim, imports: .only([]), libraries: libraries)
  }
  static func program(_ name: String, _ imports: [String]) -> Room {
    Room(name: name, kind: .program, imports: .only(imports))
  }
  static func program(_ name: String, _ imports: Imports, products: [Product] = []) -> Room {
    Room(name: name, kind: .program, imports: imports, products: products)
  }
}

/// A library of another package that a room links.
struct Product: Hashable {
  var name: String
  var package: String
  static let hummingbirdCore = Product(name: "HummingbirdCore", package: "hummingbird")
  static let httpTypes = Product(name: "HTTPTypes", package: "swift-http-types")
  static let nioCore = Product(name: "NIOCore", package: "swift-nio")
  static let nioPosix = Product(name: "NIOPosix", package: "swift-nio")
  static let logging = Product(name: "Logging", package: "swift-log")
  static let argumentParser = Product(name: "ArgumentParser", package: "swift-argument-parser")
}

let packages: [String: Package.Dependency] = [
  "hummingbird": .package(
    url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
  "swift-http-types": .package(
    url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
  "swift-nio": .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
  "swift-log": .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
  "swift-argument-parser": .package(
    url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
]

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A release has the Swift runtime in itself: it runs where no Swift is installed, and what it does
/// not use of the runtime takes no memory. Functions that run again and again lie side by side: else
/// half of the program would be in memory for the thirtieth part that works (`contrib/bench/hot`).
let wholeProgram: [LinkerSetting] = [
  .unsafeFlags(
    ["-static-stdlib", "-use-ld=lld"]
      // What the compiler would link by itself, had it known.
      + ["FoundationEssentials", "_FoundationCollections", "_FoundationCShims"].map { "-l\($0)" }
      + [
        "--no-warn-symbol-ordering",
        "--symbol-ordering-file=\(Context.packageDirectory)/contrib/hot-functions",
      ].flatMap { ["-Xlinker", $0] },
    .when(configuration: .release))
]

// For a quick turnaround in one room: `TOCSIN_ROOMS=Routing,Alerting swift test` builds and tests
// only those rooms and what they import.
let wanted: Set<String>? = Context.environment["TOCSIN_ROOMS"].map { list in
  var names = Set(list.split(separator: ",").map(String.init))
  for room in rooms.reversed() where names.contains(room.name) {
    names.formUnion(imports(of: room))
  }
  return names
}

func imports(of room: Room) -> [String] {
  switch room.imports {
  case .only(let names): return names
  case .every:
    return rooms.prefix { $0.name != room.name }.filter { $0.kind != .program }.map(\.name)
  }
}

let selected = rooms.filter { wanted?.contains($0.name) ?? true }

var targets: [Target] = selected.map { room in
  let dependencies: [Target.Dependency] =
    imports(of: room).map { .target(name: $0) }
    + room.products.map { .product(name: $0.name, package: $0.package) }
  switch room.kind {
  case .shim:
    return .target(
      name: room.name, path: "Sources/\(room.name)",
      linkerSettings: room.libraries.map { .linkedLibrary($0) })
  case .room:
    return .target(
      name: room.name, dependencies: dependencies, path: "Sources/\(room.name)",
      swiftSettings: settings)
  case .program:
    return .executableTarget(
      name: room.name, dependencies: dependencies, path: "Sources/\(room.name)",
      swiftSettings: settings, linkerSettings: wholeProgram)
  }
}

/// Test suites mirror the rooms; one with several rooms under test names them.
let suites: [(name: String, rooms: [String])] = [
  ("ModelTests", ["Model"]),
  ("DiagnosticsTests", ["Diagnostics"]),
  ("PromQLSyntaxTests", ["PromQLSyntax", "PromQL"]),
  ("TemplatesTests", ["Templates"]),
  ("LanguageTests", ["Language"]),
  ("ExpositionTests", ["Exposition"]),
  ("StorageTests", ["Storage"]),
  ("PromQLTests", ["PromQL", "PromQLScripts"]),
  ("PromQLOracleTests", ["PromQLOracle"]),
  ("AlertingTests", ["Alerting"]),
  ("RoutingTests", ["Routing"]),
  ("PipelineTests", ["Pipeline", "Language"]),
  ("CollectionTests", ["Collection", "SimulatedWorld"]),
  ("DeliveryTests", ["Delivery", "SimulatedWorld"]),
  ("HistoryTests", ["History", "SimulatedWorld"]),
  ("APITests", ["API", "SimulatedWorld"]),
  ("AnalysisTests", ["Analysis"]),
  ("SupervisorTests", ["Supervisor", "SimulatedWorld"]),
  ("HostWorldTests", ["HostWorld"]),
  ("FuzzTests", ["FuzzTargets"]),
  ("RealPartTests", ["HostWorld", "Collection", "Delivery", "History", "Supervisor"]),
  ("TidyTests", []),
]

/// Folders of data beside the tests that read them by path.
let fixtures = [
  "AnalysisTests": ["Golden"],
  "LanguageTests": ["Golden"],
  "PromQLTests": ["Scripts"],
  "DeliveryTests": ["Golden"],
  "FuzzTests": ["Corpus", "Kept"],
]

let selectedNames = Set(selected.map(\.name))
for suite in suites where suite.rooms.allSatisfy(selectedNames.contains) {
  let below = suite.rooms.flatMap { name in rooms.first { $0.name == name }.map(imports) ?? [] }
  let names = Set(suite.rooms + below).sorted()
  targets.append(
    .testTarget(
      name: suite.name, dependencies: names.map { .target(name: $0) }, path: "Tests/\(suite.name)",
      exclude: fixtures[suite.name] ?? [], swiftSettings: settings))
}

let neededPackages = Set(selected.flatMap(\.products).map(\.package))

let package = Package(
  name: "tocsin",
  dependencies: packages.keys.sorted().filter(neededPackages.contains).map { packages[$0]! },
  targets: targets,
  // C23 for `#embed`.
  cLanguageStandard: .gnu2x,
  cxxLanguageStandard: .cxx17)
