/// Text made harmless in each format a report is written in.
package enum Escape {
  /// For running text and table cells; a line break becomes a space.
  package static func markdown(_ text: String) -> String {
    var result = ""
    let scalars = Array(singleLine(text).unicodeScalars)
    func isWord(_ index: Int) -> Bool {
      scalars.indices.contains(index)
        && (scalars[index].properties.isAlphabetic || scalars[index].properties.numericType != nil)
    }
    for (index, scalar) in scalars.enumerated() {
      switch scalar {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "\\", "`", "*", "[", "]", "|", "#", "~", "$", "!": result += "\\" + String(scalar)
      // Within a word an underscore does not emphasize on GitHub: `a_b` stays as it is.
      case "_" where !isWord(index - 1) || !isWord(index + 1): result += "\\_"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// For the text of an element or an attribute's value in double quotes, in HTML and SVG alike.
  package static func html(_ text: String) -> String {
    var result = ""
    for scalar in singleLine(text).unicodeScalars {
      switch scalar {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A field of RFC 4180; text that a spreadsheet would take for a formula gets an apostrophe.
  package static func csv(_ text: String) -> String {
    var field = text
    if let first = text.unicodeScalars.first, ["=", "@", "+", "-"].contains(first), Double(text) == nil {
      field = "'" + text
    }
    let needsQuotes = field.unicodeScalars.contains { [",", "\"", "\n", "\r"].contains($0) }
    return needsQuotes ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
  }

  package static func latex(_ text: String) -> String {
    var result = ""
    for scalar in singleLine(text).unicodeScalars {
      switch scalar {
      case "\\": result += "\\textbackslash{}"
      case "~": result += "\\textasciitilde{}"
      case "^": result += "\\textasciicircum{}"
      case "<": result += "\\textless{}"
      case ">": result += "\\textgreater{}"
      case "&", "%", "$", "#", "_", "{", "}": result += "\\" + String(scalar)
      case "±": result += "$\\pm$"
      case "−": result += "$-$"
      case "↑": result += "$\\uparrow$"
      case "↓": result += "$\\downarrow$"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// For a terminal: no control character reaches it.
  package static func terminal(_ text: String) -> String { singleLine(text) }

  /// For the inside of an HTML comment, which `--` and `>` could end.
  package static func comment(_ text: String) -> String {
    singleLine(text).replacing("--", with: "- -").replacing(">", with: "&gt;")
  }

  /// Letters, digits, `-` and `_` of a name, for a file.
  package static func fileName(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { scalar -> Character in
      let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
      return isPlain || scalar == "_" || scalar == "-" ? Character(scalar) : "-"
    }
    return scalars.isEmpty ? "unnamed" : String(scalars.prefix(80))
  }

  /// Control characters (line breaks among them) as spaces: some are not even allowed in XML.
  private static func singleLine(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
      let isBroken =
        scalar.value == 0xFFFE || scalar.value == 0xFFFF || [0x2028, 0x2029].contains(scalar.value)
      result.unicodeScalars.append(isControl || isBroken ? " " : scalar)
    }
    return result
  }
}
