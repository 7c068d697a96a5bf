extension SQLValue {
  /// As a program reads it: numbers in their shortest form, nothing for NULL, bytes in hexadecimal.
  package var text: String {
    switch self {
    case .null: ""
    case .integer(let number): String(number)
    case .real(let number): number.description
    case .text(let text): text
    case .blob(let bytes):
      bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }

  /// NULL is `null`; numbers keep their kind.
  package var json: JSON {
    switch self {
    case .null: .null
    case .integer(let number): .number(String(number))
    case .real(let number): .float(number)
    case .text, .blob: .string(text)
    }
  }
}

extension QueryResult {
  /// RFC 4180 with a line of names first, but that lines end as every other text's here, in a line feed.
  package var csv: String {
    var lines = [columns.map(Self.field).joined(separator: ",")]
    for row in rows { lines.append(row.map { Self.field($0.text) }.joined(separator: ",")) }
    return lines.map { $0 + "\n" }.joined()
  }

  /// A list of records, one for each row.
  package var json: JSON {
    .array(rows.map { row in .object(zip(columns, row).map { JSONMember($0, $1.json) }) })
  }

  private static func field(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy {
      $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: ",") && $0 != 0x0A && $0 != 0x0D
    }
    guard !isPlain else { return text }
    return "\""
      + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
