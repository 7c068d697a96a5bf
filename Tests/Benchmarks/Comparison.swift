import Engine
import Foundation

/// Our figures beside the peers', turn by turn in one run, each turn a process of its own.
struct Comparison {
  let workloads: [Workload]
  /// A Python with PyTorch and transformers; without it the peers' columns stay empty.
  let python: String?
  let rounds: Int
  let threads: Int

  /// More than this of a core by others, and the turn is measured again.
  private static let quiet = 0.15

  func print() throws {
    Swift.print("\(machine) \(versions)\n")
    var allPeaks: [Double] = []
    Swift.print("| work | Emend, tokens/s | of the peak | memory, MB | peer, tokens/s | memory, MB | ratio |")
    Swift.print("| :-- | --: | --: | --: | :-- | --: | --: |")
    for workload in workloads {
      var own: [Measurement] = []
      var others = [[Measurement]](repeating: [], count: workload.peers.count)
      var peaks: [Double] = []
      let present = workload.peers.map { peer in python.map { isThere(workload, peer, $0) } ?? false }
      for _ in 0..<rounds {
        // What a core gives changes, so each turn has its own: the greater of before and after, since one may be disturbed.
        let before = MachineLimits.multiplyAddPeak(threads: threads)
        own.append(try turn { try ownTurn(workload) })
        peaks.append(max(before, MachineLimits.multiplyAddPeak(threads: threads)))
        guard let python else { continue }
        for (index, peer) in workload.peers.enumerated() where present[index] {
          others[index].append(try turn { try peerTurn(workload, peer, python) })
        }
      }
      row(workload, own, others, peaks)
      allPeaks += peaks
      // A row is seen when it is there: a round takes half an hour.
      fflush(nil)
    }
    let lanes = Lanes.available.rawValue
    let span = Set([allPeaks.min() ?? 0, allPeaks.max() ?? 0].map { Int($0 / 1e9) }).sorted()
      .map(String.init).joined(separator: " to ")
    Swift.print(
      "\nPeak of fused multiply-adds, \(lanes) lanes, on \(threads) threads, measured before and after each of our turns: \(span) GFLOP/s."
    )
    Swift.print(
      "\n\(rounds == 1 ? "One round" : "Medians over \(rounds) rounds"). A ratio is left out where other work kept more than \(Self.quiet) of a core busy in every attempt. Memory is the most a process held."
    )
  }

  private func row(
    _ workload: Workload, _ own: [Measurement], _ others: [[Measurement]], _ peaks: [Double]
  ) {
    let rate = Self.median(own.map(\.rate))
    let unit = workload == .iteration ? " questions" : ""
    let limit =
      workload.operationsPerToken.map { operations in
        let share = Self.median(zip(own, peaks).map { $0.rate * operations / $1 })
        return "\(Int((share * 100).rounded())) %"
      } ?? "–"
    let memory = Int(Self.median(own.map(\.peakMegabytes)))
    let isQuiet = own.allSatisfy { $0.otherCores <= Self.quiet }
    let mark = isQuiet ? "" : " (busy machine)"
    var isFirst = true
    for (index, measurements) in others.enumerated() where !measurements.isEmpty {
      let peer = Self.median(measurements.map(\.rate))
      let isFair = isQuiet && measurements.allSatisfy { $0.otherCores <= Self.quiet }
      let ratio = isFair ? "**\(Self.text(rate / peer))** ×" : "not measured: the machine was busy"
      let ours =
        isFirst ? "\(workload.title) | \(Self.text(rate))\(unit)\(mark) | \(limit) | \(memory)" : " | | | "
      Swift.print(
        "| \(ours) | \(workload.peers[index]) \(Self.text(peer)) | \(Int(Self.median(measurements.map(\.peakMegabytes)))) | \(ratio) |"
      )
      isFirst = false
    }
    if isFirst {
      Swift.print("| \(workload.title) | \(Self.text(rate))\(unit)\(mark) | \(limit) | \(memory) | | | |")
    }
  }

  // MARK: Turns

  /// Measures until the machine is quiet, at most four times; the quietest counts.
  private func turn(_ measure: () throws -> Measurement) throws -> Measurement {
    var best = try measure()
    for _ in 0..<3 where best.otherCores > Self.quiet {
      FileHandle.standardError.write(
        Data("other work keeps \(Self.text(best.otherCores)) cores busy; again\n".utf8))
      let next = try measure()
      if next.otherCores < best.otherCores { best = next }
    }
    return best
  }

  private func ownTurn(_ workload: Workload) throws -> Measurement {
    try run(
      CommandLine.arguments[0], ["measure", workload.rawValue, "--threads", "\(threads)"])
  }

  private func peerTurn(_ workload: Workload, _ peer: String, _ python: String) throws -> Measurement {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Peers")
    let isLlama = peer == "llama.cpp"
    let script = folder.appending(path: isLlama ? "llama.py" : "peers.py").path(percentEncoded: false)
    return try run(
      python, [script, workload.rawValue] + (isLlama ? [] : [peer]) + ["--threads", "\(threads)"],
      quietly: isLlama)
  }

  /// - Parameter quietly: without what it says on the way; llama.cpp says much.
  private func run(_ program: String, _ arguments: [String], quietly: Bool = false) throws -> Measurement {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    if quietly { process.standardError = FileHandle.nullDevice }
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0,
      let line = String(decoding: data, as: UTF8.self).split(separator: "\n").last
    else {
      throw BenchmarkError(message: "\(program) \(arguments.joined(separator: " ")) failed")
    }
    return try JSONDecoder().decode(Measurement.self, from: Data(line.utf8))
  }

  // MARK: Words

  private var machine: String {
    let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
    let name = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last ?? "unknown processor"
    let day = Date.now.formatted(.iso8601.year().month().day())
    return
      "Measured on \(day):\(name), \(ProcessInfo.processInfo.activeProcessorCount) cores, \(threads) threads."
  }

  private var versions: String {
    guard let python else { return "No peers: no Python with PyTorch was given." }
    let process = Process()
    process.executableURL = URL(filePath: python)
    process.arguments = [
      "-c",
      """
      from importlib.metadata import version, PackageNotFoundError
      for name, numbers in (
          ("torch", "fp32"), ("transformers", "fp32"), ("peft", "fp32"), ("llama-cpp-python", "llama.cpp, F16")):
          try: print(f"{name} {version(name)} ({numbers})", end=", ")
          except PackageNotFoundError: print(f"no {name}", end=", ")
      """,
    ]
    let output = Pipe()
    process.standardOutput = output
    guard (try? process.run()) != nil else { return "The peers' Python does not start." }
    let words = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return "Peers: \(words)\(threads) threads."
  }

  /// Whether that Python has what the peer needs beside PyTorch and transformers.
  private func isThere(_ workload: Workload, _ peer: String, _ python: String) -> Bool {
    let modules = peer == "llama.cpp" ? "llama_cpp, gguf" : workload == .adapt135M ? "peft" : ""
    guard !modules.isEmpty else { return true }
    let process = Process()
    process.executableURL = URL(filePath: python)
    process.arguments = ["-c", "import \(modules)"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted[sorted.count / 2]
  }

  /// Three digits.
  private static func text(_ value: Double) -> String {
    if value >= 1000 { return "\(Int((value / 10).rounded()) * 10)" }
    if value >= 100 { return "\(Int(value.rounded()))" }
    let tenths = value >= 10 ? 10.0 : 100.0
    return "\((value * tenths).rounded() / tenths)"
  }
}
