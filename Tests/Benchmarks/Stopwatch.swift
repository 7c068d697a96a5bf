import Foundation

/// Times repetitions and watches what else the machine does.
enum Stopwatch {
  static func measure(amount: Double, repeats: Int, _ body: () throws -> Void) rethrows -> Measurement {
    let before = Processors.now
    var seconds: [Double] = []
    for _ in 0..<repeats {
      let clock = ContinuousClock.now
      try body()
      let elapsed = clock.duration(to: .now).components
      seconds.append(Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18)
    }
    return Measurement(
      amount: amount, seconds: seconds, peakMegabytes: Processors.peakMegabytes,
      otherCores: Processors.now.othersSince(before))
  }
}

/// How long the machine's processors were busy, with this process and with others.
struct Processors {
  /// In hundredths of a second, of all processors together.
  var busy: Double
  /// Of this process, the same.
  var own: Double
  var time: ContinuousClock.Instant

  static var now: Processors {
    let words = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8))?.split(separator: "\n").first?
      .split(separator: " ").dropFirst().compactMap { Double($0) }
    let times = words ?? []
    // user, nice, system, idle, iowait, irq, softirq, steal
    let busy = times.enumerated().reduce(0) {
      $1.offset == 3 || $1.offset == 4 || $1.offset > 7 ? $0 : $0 + $1.element
    }
    let own = (try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8))?.split(separator: ")").last?
      .split(separator: " ").map(String.init)
    let mine = own.map { ($0.count > 12 ? (Double($0[11]) ?? 0) + (Double($0[12]) ?? 0) : 0) } ?? 0
    return Processors(busy: busy, own: mine, time: .now)
  }

  /// Cores that other processes kept busy since.
  func othersSince(_ start: Processors) -> Double {
    let elapsed = start.time.duration(to: time).components
    let ticks = (Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18) * 100
    return ticks < 5 ? 0 : max(0, (busy - start.busy - (own - start.own)) / ticks)
  }

  /// The most memory that this process held.
  static var peakMegabytes: Double {
    let lines =
      (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8))?.split(separator: "\n") ?? []
    let line = lines.first { $0.hasPrefix("VmHWM:") }?.split(separator: " ").compactMap { Double($0) }
    return (line?.first ?? 0) / 1024
  }
}
