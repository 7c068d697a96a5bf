/// What can be wrong with a document before its language is read.
package enum DocumentCode: String, DiagnosticCode {
  case invalidUTF8 = "E0101"
  case unclosedCell = "E0102"
  case badCellHeading = "E0103"
  case duplicateQuery = "E0104"
  case unreadable = "E0105"
  case importCycle = "E0106"
  case nestedCell = "W0101"
  case misspelledCell = "W0102"

  package var explanation: Explanation {
    switch self {
    case .invalidUTF8:
      Explanation(
        "a file that is not UTF-8 text",
        """
        Recipes are Markdown in UTF-8. A byte in this file begins no UTF-8 character, so the file is binary or was saved \
        in another encoding, such as Latin-1 or UTF-16. Nothing in it was read further.
        """,
        wrong: .words("a file with the byte 0xE9, which is `é` in Latin-1"),
        right: .words("the same file with `é` as the bytes 0xC3 0xA9, which is UTF-8"))
    case .unclosedCell:
      Explanation(
        "a cell without its closing fence",
        """
        A `recipe` or `sql` cell ends with a fence of the same character, at least as long as the one that opened it, on a \
        line of its own. Markdown would let an unclosed block run to the end of the file; here that is an error, because \
        prose would be read as statements.
        """,
        wrong: .document("```recipe\nx = 1\n\nProse goes on.\n"),
        right: .document("```recipe\nx = 1\n```\n\nProse goes on.\n"))
    case .badCellHeading:
      Explanation(
        "a cell's heading that cannot be read",
        """
        The words after an opening fence are `recipe`, or `sql` and the name under which the query's result stands in the \
        report. A name is made of letters, digits and `_`, and does not begin with a digit.
        """,
        wrong: .document("```sql\nselect 1\n```\n"),
        right: .document("```sql one\nselect 1\n```\n"))
    case .duplicateQuery:
      Explanation(
        "two queries with one name",
        "Each `sql` cell of a document has a name of its own, because its result is exported under that name.",
        wrong: .document("```sql best\nselect 1\n```\n\n```sql best\nselect 2\n```\n"),
        right: .document("```sql best\nselect 1\n```\n\n```sql worst\nselect 2\n```\n"))
    case .unreadable:
      Explanation(
        "a document that cannot be read",
        """
        The document asked for, or one that it imports, does not exist or may not be read. The path of an `import` is \
        relative to the document that says it, not to the folder in which the program was started.
        """,
        wrong: .recipe("import \"no/such/document.md\""),
        right: .words("import \"algorithms/stasc.md\", where that file exists beside the importing document"))
    case .importCycle:
      Explanation(
        "documents that import each other",
        """
        A document cannot import itself, nor one that imports it in turn: there would be no order in which to read them. \
        Move what both need into a third document.
        """,
        wrong: .words("`a.md` says import \"b.md\", and `b.md` says import \"a.md\""),
        right: .words("both say import \"shared.md\""))
    case .nestedCell:
      Explanation(
        "a fence that looks like a cell and is not one",
        """
        Cells stand at the left margin of the document. Inside a list, a quotation or an HTML block a fence belongs to \
        that block: it is shown and not run. Move it out, with a blank line before it, if it should run.
        """,
        wrong: .document("- a list item\n\n  ```recipe\n  x = 1\n  ```\n"),
        right: .document("- a list item\n\nNow the cell:\n\n```recipe\nx = 1\n```\n"))
    case .misspelledCell:
      Explanation(
        "a fence whose heading is almost `recipe`",
        """
        Only blocks whose first word is exactly `recipe` (or `sql`) are cells; this one is shown and not run. If it is \
        meant to be another language, this warning can be ignored.
        """,
        wrong: .document("```Recipe\nx = 1\n```\n"),
        right: .document("```recipe\nx = 1\n```\n"))
    }
  }
}
