import Foundation

/// Names for what the operating system said.
package enum SystemCall {
  /// `No such file or directory` for 2.
  package static func message(of code: Int32) -> String {
    String(cString: strerror(code))
  }
}
