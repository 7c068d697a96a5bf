/// Why a tokenizer could not be read, or a conversation not be rendered.
package enum TokenizerError: Error, Hashable, Sendable {
  /// The file is no JSON at this byte.
  case malformedJSON(byte: Int, expected: String)
  /// A key has to be there, at this path.
  case missing(path: String)
  /// A key holds something else than it has to.
  case wrongValue(path: String, expected: String, found: String)
  /// A component of the reference library that is not known here: a pattern, a model, a normalizer.
  case unsupported(component: String, found: String, known: [String])
  /// Two ids for one content.
  case duplicateToken(content: String, first: Int, second: Int)
  /// Two contents for one id.
  case duplicateIdentifier(id: Int, first: String, second: String)
  /// An id below zero, or far above the number of tokens.
  case identifierOutOfRange(content: String, id: Int, limit: Int)
  /// A merge of something that is no token, or into something that is none.
  case mergeOutsideVocabulary(merge: Int, content: String)
  /// Two ranks for one pair.
  case duplicateMerge(first: Int, second: Int, left: String, right: String)
  /// A merge that is no pair of two texts that are not empty.
  case malformedMerge(merge: Int, found: String)
  /// Arrays that have to be of one length are not.
  case unequalCounts(first: String, firstCount: Int, second: String, secondCount: Int)
  /// A score that is no number.
  case scoreNotFinite(content: String)
  /// Text for which the vocabulary has no token, and there is none for the unknown.
  case noToken(content: String)
  /// A chat template that is none of the known ones.
  case unknownTemplate(beginning: String)
  /// A turn that a template cannot render at its place.
  case turnRefused(template: String, turn: Int, role: String, reason: String)
}

extension TokenizerError {
  /// The error in words, with what to do.
  package var operationError: OperationError { OperationError(message, remedy: remedy) }

  private var message: String {
    switch self {
    case .malformedJSON(let byte, let expected):
      return "the tokenizer's file is no JSON: at byte \(byte), \(expected) should follow"
    case .missing(let path): return "the tokenizer's file has no \(path)"
    case .wrongValue(let path, let expected, let found):
      return "\(path) of the tokenizer is \(found), and should be \(expected)"
    case .unsupported(let component, let found, _):
      return "the tokenizer's \(component) \(found) is not known"
    case .duplicateToken(let content, let first, let second):
      return "the token \(content.debugDescription) has two ids, \(first) and \(second)"
    case .duplicateIdentifier(let id, let first, let second):
      return "the id \(id) stands for two tokens, \(first.debugDescription) and \(second.debugDescription)"
    case .identifierOutOfRange(let content, let id, let limit):
      return "the id \(id) of the token \(content.debugDescription) is not in 0..<\(limit)"
    case .mergeOutsideVocabulary(let merge, let content):
      return "merge \(merge) needs \(content.debugDescription), which is no token"
    case .duplicateMerge(let first, let second, let left, let right):
      return
        "merges \(first) and \(second) are the same: \(left.debugDescription) and \(right.debugDescription)"
    case .malformedMerge(let merge, let found): return "merge \(merge) is \(found), and should be two texts"
    case .unequalCounts(let first, let firstCount, let second, let secondCount):
      return "\(first) has \(firstCount) entries, \(second) has \(secondCount)"
    case .scoreNotFinite(let content):
      return "the score of the token \(content.debugDescription) is no finite number"
    case .noToken(let content): return "the vocabulary has no token for \(content.debugDescription)"
    case .unknownTemplate(let beginning):
      return "the model's chat template is none of the known ones; it begins \(beginning.debugDescription)"
    case .turnRefused(let template, let turn, let role, let reason):
      return "turn \(turn), of \(role), does not fit the chat template \(template): \(reason)"
    }
  }

  private var remedy: String {
    switch self {
    case .unsupported(_, _, let known):
      return "use a model whose tokenizer has one of: \(known.joined(separator: ", "))"
    case .unknownTemplate:
      return "declare the template in the recipe, or choose one of: \(ChatTemplate.names)"
    case .turnRefused: return "merge turns of one role that follow each other, and begin with the user"
    case .noToken: return "use a tokenizer with byte fallback or an unknown token"
    default: return "fetch the model's files again, and compare their digests with the publisher's"
    }
  }
}
