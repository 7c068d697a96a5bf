extension Vocabulary {
  /// Everything that a recipe can say without defining it: operations, settings, types, row fields and the language's functions.
  package var descriptions: [Description] {
    operations.map { Description($0, kind: .operation) }
      + constructors.map { Description($0, kind: .settings) }
      + opaqueTypes.map(Description.init) + settingsTypes.map(description(ofSettings:))
      + rowFields.map { Description(.rowField, $0.path, lines($0.summary), result: $0.type.description) }
      + BuiltIn.allCases.map(Description.init)
  }

  /// What a name means: an operation, settings, a type, a row field or one of the language's functions.
  package func description(of name: String) -> Description? {
    descriptions.first { $0.name == name }
  }

  private var settingsTypes: [String] { VocabularyIndex(self).settings }

  private func description(ofSettings type: String) -> Description {
    let makers = constructors.filter { $0.result == .settings(type) }
    return Description(
      .type, type, ["Settings, made by \(quotedList(makers.map(\.name), or: true))."],
      fields: makers.map { .init(name: $0.name, type: nil, documentation: lines($0.summary)) })
  }
}

private func lines(_ text: String) -> [String] {
  text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
}

extension Description {
  fileprivate init(_ signature: Signature, kind: Kind) {
    var parameters: [Parameter] = signature.parameters.map { parameter in
      Parameter(
        name: parameter.name, type: parameter.type.description, bounds: parameter.bounds.map(boundsText),
        defaultValue: parameter.defaultValue.map(\.description), documentation: lines(parameter.summary))
    }
    if signature.usesSeed {
      parameters.append(
        Parameter(
          name: "seed", type: Type.int.description, bounds: nil, defaultValue: "the trial's seed",
          documentation: ["Of the random numbers; 0 outside of studies. By label only."]))
    }
    self.init(
      kind, signature.name, lines(signature.summary), parameters: parameters,
      result: signature.result.description)
  }

  fileprivate init(_ type: OpaqueType) {
    self.init(
      .type, type.name, lines(type.summary),
      fields: type.fields.map {
        Field(name: $0.name, type: $0.type.description, documentation: lines($0.summary))
      },
      metrics: type.metrics.map { Field(name: $0.name, type: nil, documentation: lines($0.summary)) })
  }

  fileprivate init(_ builtIn: BuiltIn) {
    self.init(
      .builtIn, builtIn.rawValue, [builtIn.summary],
      parameters: builtIn.parameters.map {
        Parameter(name: $0.name, type: $0.type, bounds: nil, defaultValue: nil, documentation: [])
      },
      result: builtIn.result)
  }
}

extension Compilation {
  /// What the document and its imports define, in order of definition, imports first.
  package var descriptions: [Description] {
    program.functions.map(describe) + program.globals.map(describe) + program.studies.map(describe)
  }

  /// What a name means in this document: its own names first, then the vocabulary's.
  package func description(of name: String) -> Description? {
    descriptions.last { $0.name == name } ?? program.vocabulary.description(of: name)
  }

  private func describe(_ function: Function) -> Description {
    Description(
      function.isAlgorithm ? .algorithm : .function, function.name.text, function.documentation,
      parameters: function.parameters.map {
        Description.Parameter(
          name: $0.name.text, type: $0.type.description, bounds: $0.boundsText,
          defaultValue: $0.defaultText, documentation: $0.documentation)
      },
      result: function.result.description, metrics: metrics(of: function), span: function.name.span)
  }

  private func metrics(of function: Function) -> [Description.Field] {
    guard function.isAlgorithm else { return [] }
    return (function.metrics ?? []).map { Description.Field(name: $0, type: nil, documentation: []) }
  }

  private func describe(_ global: Global) -> Description {
    Description(
      .value, global.name.text, global.documentation, result: global.value.type.description,
      span: global.name.span)
  }

  private func describe(_ study: CheckedStudy) -> Description {
    Description(
      .study, study.name.text, study.documentation,
      result: study.algorithm < 0 ? nil : program.functions[study.algorithm].name.text,
      fields: study.axes.map {
        .init(name: $0.name.text, type: $0.type.description, documentation: $0.documentation)
      },
      metrics: study.algorithm < 0 ? [] : metrics(of: program.functions[study.algorithm]),
      span: study.name.span)
  }
}
