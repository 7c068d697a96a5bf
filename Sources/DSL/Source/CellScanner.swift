/// Finds a document's cells.
struct CellScanner {
  let document: Int
  let bytes: [UInt8]
  let lineStarts: [Int]

  mutating func scan(_ diagnostics: inout Diagnostics) -> [Cell] { [] }
}
