/// The vocabulary by name.
struct VocabularyIndex: Sendable {
  let vocabulary: Vocabulary
  private let operations: [String: Int]
  private let constructors: [String: Int]
  private let opaqueTypes: [String: Int]
  private let rowFields: [String: Int]
  /// What row fields' paths begin with: `previous` of `previous.reward`.
  let rowPrefixes: Set<String>
  /// Types that constructors make, in order of first appearance.
  let settings: [String]

  init(_ vocabulary: Vocabulary) {
    self.vocabulary = vocabulary
    operations = VocabularyIndex.positions(of: vocabulary.operations.map(\.name))
    constructors = VocabularyIndex.positions(of: vocabulary.constructors.map(\.name))
    opaqueTypes = VocabularyIndex.positions(of: vocabulary.opaqueTypes.map(\.name))
    rowFields = VocabularyIndex.positions(of: vocabulary.rowFields.map(\.path))
    rowPrefixes = Set(
      vocabulary.rowFields.compactMap { field in
        field.path.firstIndex(of: ".").map { String(field.path[..<$0]) }
      })
    var settings: [String] = []
    for constructor in vocabulary.constructors {
      if case .settings(let name) = constructor.result, !settings.contains(name) {
        settings.append(name)
      }
    }
    self.settings = settings
  }

  func operation(_ name: String) -> Int? { operations[name] }

  func constructor(_ name: String) -> Int? { constructors[name] }

  /// A constructor that may stand without parentheses.
  func constant(_ name: String) -> Int? {
    constructors[name].flatMap { index in
      vocabulary.constructors[index].parameters.allSatisfy { $0.defaultValue != nil } ? index : nil
    }
  }

  func opaqueType(_ name: String) -> OpaqueType? {
    opaqueTypes[name].map { vocabulary.opaqueTypes[$0] }
  }

  func rowField(_ path: String) -> RowField? { rowFields[path].map { vocabulary.rowFields[$0] } }

  /// Calls that give a value of this type, as a remedy names them: "`pretrain(…)` gives a Model".
  func makers(of type: Type) -> [String] {
    (vocabulary.constructors + vocabulary.operations).filter { $0.result == type }.map(\.name)
  }

  /// The first of equal names counts.
  private static func positions(of names: [String]) -> [String: Int] {
    Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }
}
