/// Renders the report of a document.
package func renderReport(_ input: ReportInput) -> Report {
  Report(markdown: input.stamp, files: [], claims: [], summary: "")
}
