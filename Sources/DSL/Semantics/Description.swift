/// What `emend describe` says of a name, as a value.
package struct Description: Sendable {
  package enum Kind: String, Sendable {
    case algorithm, function, operation, settings, type
    case rowField = "row field"
    case value, study
    case builtIn = "built-in function"
  }
  package var kind: Kind
  package var name: String
  /// The `///` comment's lines, or the vocabulary's summary.
  package var documentation: [String]
  /// Of algorithms, functions, operations and constructors, in order.
  package var parameters: [Parameter]
  /// What a call gives, or the type of a value or row field.
  package var result: String?
  /// A type's parts, such as `train` of `Task`; a study's axes.
  package var fields: [Field]
  /// What logging a value of the type records, or what an algorithm or study logs.
  package var metrics: [Field]
  /// Where a recipe defines it; `nil` for what the vocabulary or the language brings.
  package var span: Span?

  package struct Parameter: Sendable {
    package var name: String
    /// As a recipe writes it, or in words where a recipe could not: "a condition on a row".
    package var type: String
    /// As written in a recipe: `1...100`.
    package var bounds: String?
    /// As written in a recipe; `nil`: must be given.
    package var defaultValue: String?
    package var documentation: [String]
  }

  package struct Field: Sendable {
    package var name: String
    package var type: String?
    package var documentation: [String]
  }

  init(
    _ kind: Kind, _ name: String, _ documentation: [String], parameters: [Parameter] = [],
    result: String? = nil, fields: [Field] = [], metrics: [Field] = [], span: Span? = nil
  ) {
    self.kind = kind
    self.name = name
    self.documentation = documentation
    self.parameters = parameters
    self.result = result
    self.fields = fields
    self.metrics = metrics
    self.span = span
  }
}
