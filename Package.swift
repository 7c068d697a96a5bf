// swift-tools-version: 6.2
import PackageDescription

/// What every target is compiled with. Warnings are errors, so that none can pile up.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// AVX2 and FMA reach Swift code only as flags of the embedded Clang; on arm64 NEON needs none.
/// Without them `addingProduct` on a SIMD vector is a call to the C library for each lane.
/// `-fno-math-errno` turns `squareRoot()` into one instruction.
/// WideKernels is entered only on processors with AVX-512.
#if arch(x86_64)
  let vector: [SwiftSetting] = [
    .unsafeFlags(["-Xcc", "-mavx2", "-Xcc", "-mfma", "-Xcc", "-fno-math-errno"])
  ]
  let wideVector: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-mavx512f", "-Xcc", "-mfma"])]
#else
  let vector: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-fno-math-errno"])]
  let wideVector: [SwiftSetting] = []
#endif

let package = Package(
  name: "emend",
  products: [.executable(name: "emend", targets: ["Host"])],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    // A header with what Swift has no word for: an instruction, and a question about the processor. Nothing is linked.
    .systemLibrary(name: "CProcessor"),
    .target(name: "DSL", swiftSettings: strict),
    .target(
      name: "WideKernels", dependencies: ["CProcessor"], path: "Sources/Engine/WideKernels",
      swiftSettings: strict + wideVector + [.strictMemorySafety()]),
    .target(
      name: "Engine", dependencies: ["COpenBLAS", "CProcessor", "WideKernels"], exclude: ["WideKernels"],
      swiftSettings: strict + vector + [.strictMemorySafety()]),
    .executableTarget(
      name: "Host", dependencies: ["DSL", "Engine", "CProcessor", "CSQLite"], swiftSettings: strict),
    .executableTarget(
      name: "Benchmarks", dependencies: ["Engine", "WideKernels"], path: "Tests/Benchmarks",
      exclude: ["Peers", "Measured.md"],
      swiftSettings: strict + vector),
    .target(name: "TestSupport", path: "Tests/Support", swiftSettings: strict),
    .testTarget(
      name: "DSLTests", dependencies: ["DSL", "TestSupport"], exclude: ["Corpus"],
      swiftSettings: strict),
    .testTarget(
      name: "EngineTests", dependencies: ["Engine", "TestSupport"],
      exclude: ["Oracles"], swiftSettings: strict + vector),
    .testTarget(
      name: "HostTests", dependencies: ["Host", "DSL", "Engine", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "EndToEndTests", dependencies: ["TestSupport"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
