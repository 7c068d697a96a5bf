extension Store {
  /// What a server answered a step so far, by number of its request: with what was asked.
  package func serverAnswers(of key: Digest) throws(StoreError) -> [Int: (prompt: String, answer: String)] {
    try withConnection { connection throws(StoreError) in
      let rows = try connection.statement(
        """
        SELECT a.number, a.prompt, a.answer FROM server_answers a JOIN steps s ON s.id = a.step WHERE s.key = ?
        """)
      rows.bind(1, key)
      defer { rows.reset() }
      var found: [Int: (prompt: String, answer: String)] = [:]
      while try rows.step() { found[rows.integer(0)] = (rows.text(1), rows.text(2)) }
      return found
    }
  }

  /// Notes an answer as soon as it is there: it may have cost money, and nobody gives the same one again.
  package func recordServerAnswer(_ answer: String, to prompt: String, number: Int, of key: Digest)
    throws(StoreError)
  {
    try write(durably: true) { connection throws(StoreError) in
      let insert = try connection.statement(
        "INSERT OR REPLACE INTO server_answers(step, number, prompt, answer) VALUES (?, ?, ?, ?)")
      insert.bind(1, try StepNumbers(connection: connection).number(of: key))
      insert.bind(2, number)
      insert.bind(3, prompt)
      insert.bind(4, answer)
      try insert.run()
    }
  }
}
