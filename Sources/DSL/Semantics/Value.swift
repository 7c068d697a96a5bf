/// A value while a recipe is evaluated: a number, or the index of something that is kept once.
///
/// Equal values have equal representations, so comparing and hashing one costs the same whether it is a number or a
/// record of records. Indices are into the `ValueTable` and the `StepTable` of one evaluation.
enum Value: Hashable, Sendable {
  /// An optional argument that was not given.
  case none
  case bool(Bool)
  case int(Int)
  /// Finite, and never -0, which would equal 0 and print otherwise.
  case float(Double)
  /// Index of the case's text.
  case choice(Int32)
  case string(Int32)
  case step(Int32)
  /// A list, record, range, file, part of a step, or row expression.
  case compound(Int32)

  /// A computed float in its one representation.
  static func number(_ value: Double) -> Value { .float(value == 0 ? 0 : value) }
}

/// Texts and compound values, each kept once.
struct ValueTable: Sendable {
  enum Compound: Hashable, Sendable {
    case list([Value])
    /// Names and constructor are texts.
    case record(constructor: Int32?, names: [Int32], values: [Value])
    case range(Int, Int)
    /// `task.train`.
    case part(step: Int32, fields: [Int32])
    case file(path: Int32, document: Int)
    case row(RowExpression)
  }

  private(set) var texts: [String] = []
  private var textIndices: [String: Int32] = [:]
  private(set) var compounds: [Compound] = []
  private var compoundIndices: [Compound: Int32] = [:]
  /// Numbers, texts and names in each compound value, counted as if nothing were shared.
  private(set) var sizes: [Int] = []
  /// Steps that each compound value mentions, ascending.
  private(set) var mentioned: [[Int32]] = []

  mutating func text(_ string: String) -> Int32 {
    if let index = textIndices[string] { return index }
    let index = Int32(texts.count)
    texts.append(string)
    textIndices[string] = index
    return index
  }

  mutating func choice(_ name: String) -> Value { .choice(text(name)) }

  mutating func string(_ string: String) -> Value { .string(text(string)) }

  mutating func intern(_ compound: Compound) -> Value {
    if let index = compoundIndices[compound] { return .compound(index) }
    let index = Int32(compounds.count)
    sizes.append(size(of: compound))
    mentioned.append(steps(in: compound))
    compounds.append(compound)
    compoundIndices[compound] = index
    return .compound(index)
  }

  func size(_ value: Value) -> Int {
    if case .compound(let index) = value { return sizes[Int(index)] }
    return 1
  }

  /// The elements of a list or a range; `nil` for other values.
  func elements(_ value: Value) -> ElementSequence? {
    guard case .compound(let index) = value else { return nil }
    switch compounds[Int(index)] {
    case .list(let values): return .list(values)
    case .range(let low, let high): return .range(low, high)
    default: return nil
    }
  }

  func compound(_ value: Value) -> Compound? {
    if case .compound(let index) = value { compounds[Int(index)] } else { nil }
  }

  private func size(of compound: Compound) -> Int {
    switch compound {
    case .list(let values), .record(_, _, let values):
      values.reduce(1) { total, value in saturatingSum(total, size(value)) }
    case .range(let low, let high): ElementSequence.range(low, high).count
    case .part, .file, .row: 1
    }
  }

  private func steps(in compound: Compound) -> [Int32] {
    switch compound {
    case .part(let step, _): return [step]
    case .list(let values), .record(_, _, let values):
      var found: Set<Int32> = []
      for value in values {
        switch value {
        case .step(let step): found.insert(step)
        case .compound(let index): found.formUnion(mentioned[Int(index)])
        default: break
        }
      }
      return found.sorted()
    case .range, .file, .row: return []
    }
  }

  private func saturatingSum(_ a: Int, _ b: Int) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }
}

/// What a `for` or a `vary` walks over, without making a range's numbers first.
enum ElementSequence {
  case list([Value])
  /// Both ends included; empty when the second is smaller.
  case range(Int, Int)

  /// Saturates at `Int.max`.
  var count: Int {
    switch self {
    case .list(let values): return values.count
    case .range(let low, let high):
      guard low <= high else { return 0 }
      let (difference, overflow) = high.subtractingReportingOverflow(low)
      return overflow || difference == .max ? .max : difference + 1
    }
  }

  /// - Precondition: `0 <= position < count`.
  subscript(position: Int) -> Value {
    switch self {
    case .list(let values): values[position]
    case .range(let low, _): .int(low + position)
    }
  }
}

extension ValueTable {
  /// A default of the vocabulary as a value; whole numbers become floats where the parameter wants them.
  mutating func intern(_ value: PlanValue, as type: Type? = nil) -> Value {
    switch value {
    case .none: return .none
    case .bool(let value): return .bool(value)
    case .int(let value): return type == .float ? .number(Double(value)) : .int(value)
    case .float(let value): return .number(value)
    case .string(let text): return string(text)
    case .choice(let name): return choice(name)
    case .file(let path, let document): return intern(.file(path: text(path), document: document))
    case .list(let values):
      let element: Type? = if case .list(let element)? = type { element } else { nil }
      var elements: [Value] = []
      for value in values { elements.append(intern(value, as: element)) }
      return intern(.list(elements))
    case .record(let constructor, let fields):
      var names: [Int32] = []
      var values: [Value] = []
      for field in fields {
        names.append(text(field.name))
        values.append(intern(field.value))
      }
      return intern(.record(constructor: constructor.map { text($0) }, names: names, values: values))
    case .rowExpression(let expression): return intern(.row(expression))
    case .step: preconditionFailure("a vocabulary's default cannot be a step")
    }
  }
}
