internal import DSL
internal import Engine
import Foundation

/// Figures computed with other numerics than those in the store: they cannot have the same bytes, and are compared within a tolerance.
///
/// A product that differs in its last digits changes a sampled token now and then, so an accuracy differs by some questions.
struct FigureComparison {
  private let numerics: String
  private let stored: String
  private let tolerance: Double
  private var compared = 0
  private var greatest = 0.0
  private var place = ""

  /// `nil` where the store holds nothing of this plan with other numerics.
  init?(
    _ session: Session, tolerance: Double, _ prepared: PreparedPlan, original: Store, now: Store
  ) throws {
    numerics = prepared.keys.numerics
    self.tolerance = tolerance
    let shares = Set(EvaluationMetric.all.filter { $0.unit == .share }.map(\.name))
    for other in try original.numerics() where other != numerics {
      let before = try session.prepare(prepared.path, numericsNamed: other, store: original)
      var found: (compared: Int, greatest: Double, place: String) = (0, 0, "")
      for index in prepared.plan.steps.indices {
        let earlier = try original.figures(of: before.keys.keys[index]).filter { shares.contains($0.name) }
        guard !earlier.isEmpty else { continue }
        let values = Dictionary(
          try now.figures(of: prepared.keys.keys[index]).map { ($0.name, $0.value) },
          uniquingKeysWith: { first, _ in first })
        for figure in earlier {
          guard let old = figure.value, let new = values[figure.name] ?? nil else { continue }
          found.compared += 1
          if abs(old - new) > found.greatest {
            found.greatest = abs(old - new)
            found.place = "\(figure.name) at \(prepared.place(of: StepID(index)))"
          }
        }
      }
      if found.compared > 0 {
        stored = other
        (compared, greatest, place) = found
        return
      }
    }
    return nil
  }

  /// The greatest difference that passes.
  static func tolerance(_ arguments: Arguments) throws(UsageError) -> Double {
    let text = arguments.values["tolerance"] ?? "0.05"
    guard let tolerance = Double(text), (0...1).contains(tolerance) else {
      throw UsageError("`\(text)` is no tolerance", remedy: "give a share from 0 to 1, such as 0.05")
    }
    return tolerance
  }

  var isWithin: Bool { greatest <= tolerance }

  var words: String {
    let site = greatest > 0 ? ", \(place)" : ""
    return
      "the store was computed with \(stored), this with \(numerics): \(counted(compared, "figure")) compared, greatest difference "
      + "\(NumberFormat.fixed(greatest * 100, 1)) points\(site): \(isWithin ? "within" : "beyond") the tolerance of "
      + "\(NumberFormat.fixed(tolerance * 100, 1)) points"
  }
}
