/// Why a model file or folder cannot be used, with the file and the key or tensor at fault.
package struct ModelFileError: Error, Hashable, Sendable {
  /// What kind of fault it is.
  package enum Fault: String, Hashable, Sendable {
    /// The file is not there, or the system does not let us read it.
    case unreadable
    /// The bytes break the format's own rules.
    case malformed
    /// Sound, but something that this engine does not compute.
    case unsupported
    /// A key, tensor or file that must be there is not.
    case missing
    /// A tensor that the model has no place for.
    case superfluous
    /// A tensor or key of another shape or value than the model's description says.
    case mismatch
    /// A weight that is infinite or not a number.
    case notFinite
  }

  /// Of which kind.
  package var fault: Fault
  /// The path of the file at fault.
  package var file: String
  /// The name of the key or tensor at fault; `nil` where it is the file as a whole.
  package var subject: String?
  /// What is wrong: expected and found.
  package var message: String
  /// What to do about it.
  package var remedy: String

  /// All of it.
  package init(_ fault: Fault, _ file: String, _ subject: String? = nil, _ message: String, remedy: String) {
    self.fault = fault
    self.file = file
    self.subject = subject
    self.message = message
    self.remedy = remedy
  }

  /// The same as an operation says it.
  package var operationError: OperationError {
    OperationError("\(file): \(message)", remedy: remedy)
  }

  /// What to do about bytes that cannot be a sound file.
  static let fetchAgain = "the file is damaged or not what its name says; fetch it again"

  static func malformed(_ file: String, _ subject: String? = nil, _ message: String) -> ModelFileError {
    ModelFileError(.malformed, file, subject, message, remedy: fetchAgain)
  }
}
