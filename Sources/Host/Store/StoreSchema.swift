/// The tables and views of the store.
///
/// Tables come in two groups. What the deterministic ones hold of a trial is the same on every machine and in every
/// run; a trial's digest is computed from them alone. The volatile ones hold times, machines, attempts and files.
/// Kept to what SQLite 3.26 reads: no STRICT tables, no generated columns. An undefined figure or a NaN is NULL.
package enum StoreSchema {
  /// `Emnd`: marks the file as a store of Emend's.
  package static let applicationID = 0x456D_6E64

  /// The views that people and documents query, in the order in which they are explained.
  package static let viewNames = [
    "last_metrics", "all_metrics", "questions", "sample_texts", "step_times",
  ]

  /// Views and tables that differ between runs, and so may not be read for a report.
  package static let volatileNames: Set<String> = [
    "environments", "runs", "attempts", "verifications", "blobs", "file_digests", "migrations",
    "step_times", "kept_values", "server_answers",
  ]

  /// Every migration, in order; number `n` makes format `n` of format `n - 1`.
  package static let migrations = [
    Migration(name: "first format", sql: deterministicTables + volatileTables + views),
    Migration(name: "kept values and servers' answers", sql: keptValuesAndServerAnswers),
    Migration(name: "samples say which evaluation they are of", sql: evaluationsOfSamples),
    Migration(name: "samples are a trial's own", sql: samplesOfTrials),
  ]

  private static let deterministicTables = """
    -- Every text that a document had when a plan was made of it.
    CREATE TABLE sources(
      digest TEXT NOT NULL PRIMARY KEY,
      text TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE documents(
      id INTEGER PRIMARY KEY,
      path TEXT NOT NULL UNIQUE,
      source TEXT NOT NULL REFERENCES sources(digest),
      plan TEXT NOT NULL
    );
    CREATE TABLE studies(
      id INTEGER PRIMARY KEY,
      document INTEGER NOT NULL REFERENCES documents(id),
      name TEXT NOT NULL,
      position INTEGER NOT NULL,
      algorithm TEXT NOT NULL,
      key TEXT NOT NULL,
      axes TEXT NOT NULL,
      current INTEGER NOT NULL CHECK (current IN (0, 1)),
      UNIQUE (document, name)
    );
    CREATE TABLE study_metrics(
      study INTEGER NOT NULL REFERENCES studies(id),
      position INTEGER NOT NULL,
      name TEXT NOT NULL,
      unit TEXT NOT NULL,
      direction TEXT NOT NULL,
      PRIMARY KEY (study, position)
    ) WITHOUT ROWID;
    -- A step that some plan asks for; finished when it has a digest.
    CREATE TABLE steps(
      id INTEGER PRIMARY KEY,
      key TEXT NOT NULL UNIQUE,
      operation TEXT,
      version INTEGER,
      numerics TEXT,
      arguments TEXT,
      kind TEXT,
      digest TEXT,
      bytes INTEGER,
      CHECK ((digest IS NULL) = (kind IS NULL) AND (digest IS NULL) = (arguments IS NULL))
    );
    CREATE INDEX steps_by_digest ON steps(digest) WHERE digest IS NOT NULL;
    CREATE INDEX steps_by_operation ON steps(operation) WHERE operation IS NOT NULL;
    CREATE TABLE step_inputs(
      step INTEGER NOT NULL REFERENCES steps(id),
      input INTEGER NOT NULL REFERENCES steps(id),
      PRIMARY KEY (step, input)
    ) WITHOUT ROWID;
    CREATE TABLE trials(
      id INTEGER PRIMARY KEY,
      study INTEGER NOT NULL REFERENCES studies(id),
      key TEXT NOT NULL,
      position INTEGER NOT NULL,
      settings TEXT NOT NULL,
      seed INTEGER NOT NULL,
      last_iteration INTEGER,
      result INTEGER REFERENCES steps(id),
      current INTEGER NOT NULL CHECK (current IN (0, 1)),
      UNIQUE (study, key)
    );
    CREATE INDEX trials_by_key ON trials(key);
    CREATE TABLE settings(
      trial INTEGER NOT NULL REFERENCES trials(id),
      name TEXT NOT NULL,
      value,
      PRIMARY KEY (trial, name)
    ) WITHOUT ROWID;
    -- What a trial logs: the figures of a step, or a number that the plan knew.
    CREATE TABLE logs(
      trial INTEGER NOT NULL REFERENCES trials(id),
      position INTEGER NOT NULL,
      iteration INTEGER NOT NULL,
      name TEXT NOT NULL,
      step INTEGER REFERENCES steps(id),
      value REAL,
      PRIMARY KEY (trial, position)
    ) WITHOUT ROWID;
    -- Every step that a trial needs, with the first iteration that logs something of it.
    CREATE TABLE trial_steps(
      trial INTEGER NOT NULL REFERENCES trials(id),
      position INTEGER NOT NULL,
      step INTEGER NOT NULL REFERENCES steps(id),
      iteration INTEGER,
      PRIMARY KEY (trial, position)
    ) WITHOUT ROWID;
    CREATE TABLE figures(
      step INTEGER NOT NULL REFERENCES steps(id),
      position INTEGER NOT NULL,
      name TEXT NOT NULL,
      value REAL,
      PRIMARY KEY (step, position)
    ) WITHOUT ROWID;
    -- Figures of the way, such as the training loss at an update.
    CREATE TABLE step_metrics(
      step INTEGER NOT NULL REFERENCES steps(id),
      name TEXT NOT NULL,
      position INTEGER NOT NULL,
      value REAL,
      PRIMARY KEY (step, name, position)
    ) WITHOUT ROWID;
    CREATE TABLE scores(
      step INTEGER NOT NULL REFERENCES steps(id),
      question INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      correct INTEGER NOT NULL CHECK (correct IN (0, 1)),
      reward REAL,
      answer TEXT NOT NULL,
      PRIMARY KEY (step, question, attempt)
    ) WITHOUT ROWID;
    -- Each text once, however many samples have it.
    CREATE TABLE texts(
      id INTEGER PRIMARY KEY,
      hash INTEGER NOT NULL,
      text TEXT NOT NULL
    );
    CREATE INDEX texts_by_hash ON texts(hash);
    CREATE TABLE samples(
      step INTEGER NOT NULL REFERENCES steps(id),
      position INTEGER NOT NULL,
      question INTEGER NOT NULL,
      sample TEXT NOT NULL,
      kept INTEGER NOT NULL CHECK (kept IN (0, 1)),
      reason INTEGER REFERENCES texts(id),
      PRIMARY KEY (step, position)
    ) WITHOUT ROWID;
    CREATE TABLE sample_attempts(
      step INTEGER NOT NULL,
      position INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      prompt INTEGER NOT NULL REFERENCES texts(id),
      text INTEGER NOT NULL REFERENCES texts(id),
      answer INTEGER REFERENCES texts(id),
      correct INTEGER CHECK (correct IN (0, 1)),
      reward REAL,
      finish TEXT,
      PRIMARY KEY (step, position, attempt)
    ) WITHOUT ROWID;

    """

  private static let volatileTables = """
    CREATE TABLE environments(
      id INTEGER PRIMARY KEY,
      digest TEXT NOT NULL UNIQUE,
      emend_version TEXT NOT NULL,
      git_commit TEXT,
      git_dirty INTEGER,
      numerics TEXT NOT NULL,
      host TEXT NOT NULL,
      processor TEXT NOT NULL,
      cores INTEGER NOT NULL,
      system TEXT NOT NULL,
      swift_version TEXT NOT NULL
    );
    CREATE TABLE runs(
      id INTEGER PRIMARY KEY,
      environment INTEGER NOT NULL REFERENCES environments(id),
      document TEXT,
      command TEXT NOT NULL,
      started TEXT NOT NULL,
      ended TEXT,
      status TEXT NOT NULL CHECK (status IN ('running', 'done', 'failed', 'interrupted')),
      pid INTEGER NOT NULL,
      boot TEXT NOT NULL
    );
    -- Executions of steps. Those that failed are forgotten when the step succeeds.
    CREATE TABLE attempts(
      id INTEGER PRIMARY KEY,
      step INTEGER NOT NULL REFERENCES steps(id),
      run INTEGER NOT NULL REFERENCES runs(id),
      operation TEXT NOT NULL,
      started TEXT NOT NULL,
      seconds REAL,
      peak_memory INTEGER,
      threads INTEGER NOT NULL,
      units INTEGER,
      status TEXT NOT NULL CHECK (status IN ('done', 'failed', 'cancelled')),
      error TEXT,
      remedy TEXT
    );
    CREATE INDEX attempts_by_step ON attempts(step);
    CREATE INDEX attempts_by_operation ON attempts(operation, id);
    CREATE TABLE verifications(
      id INTEGER PRIMARY KEY,
      run INTEGER NOT NULL REFERENCES runs(id),
      subject TEXT NOT NULL,
      scope TEXT NOT NULL,
      identical INTEGER NOT NULL CHECK (identical IN (0, 1)),
      level TEXT NOT NULL,
      first_difference TEXT,
      made TEXT NOT NULL
    );
    CREATE TABLE blobs(
      digest TEXT NOT NULL PRIMARY KEY,
      bytes INTEGER NOT NULL,
      present INTEGER NOT NULL CHECK (present IN (0, 1)),
      pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1))
    ) WITHOUT ROWID;
    CREATE TABLE file_digests(
      path TEXT NOT NULL PRIMARY KEY,
      size INTEGER NOT NULL,
      modified INTEGER NOT NULL,
      inode INTEGER NOT NULL,
      device INTEGER NOT NULL,
      digest TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE migrations(
      version INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      applied TEXT NOT NULL,
      backup TEXT
    );

    """

  private static let keptValuesAndServerAnswers = """
    -- Steps whose value a document's report shows, its recipe names, or its trials end with: a run of another document leaves them.
    CREATE TABLE kept_values(
      step INTEGER NOT NULL REFERENCES steps(id),
      document INTEGER NOT NULL REFERENCES documents(id),
      PRIMARY KEY (step, document)
    ) WITHOUT ROWID;
    -- What a step sent to a server and what came back, written as it came.
    CREATE TABLE server_answers(
      step INTEGER NOT NULL REFERENCES steps(id),
      number INTEGER NOT NULL,
      prompt TEXT NOT NULL,
      answer TEXT NOT NULL,
      PRIMARY KEY (step, number)
    ) WITHOUT ROWID;

    """

  private static let evaluationsOfSamples = """
    DROP VIEW sample_texts;
    -- Every text that a trial's steps wrote, an attempt a row, kept by the filter or not and why; `evaluation` is the log entry's name, of evaluations that are logged.
    CREATE VIEW sample_texts AS
      SELECT d.path AS document, s.name AS study, substr(t.key, 1, 12) AS trial, t.seed AS seed,
        t.settings AS settings, ts.iteration AS iteration, st.operation AS operation,
        (SELECT min(l.name) FROM logs l WHERE l.trial = t.id AND l.step = ts.step) AS evaluation,
        substr(st.key, 1, 12) AS step, p.question AS question, p.sample AS sample,
        a.attempt AS attempt, pt.text AS prompt, tt.text AS text, an.text AS answer,
        a.correct AS correct, a.reward AS reward, a.finish AS finish, p.kept AS kept,
        rt.text AS reason
      FROM documents d JOIN studies s ON s.document = d.id JOIN trials t ON t.study = s.id
        JOIN trial_steps ts ON ts.trial = t.id JOIN steps st ON st.id = ts.step
        JOIN samples p ON p.step = ts.step
        JOIN sample_attempts a ON a.step = p.step AND a.position = p.position
        JOIN texts pt ON pt.id = a.prompt JOIN texts tt ON tt.id = a.text
        LEFT JOIN texts an ON an.id = a.answer LEFT JOIN texts rt ON rt.id = p.reason
      WHERE t.current = 1;

    """

  private static let samplesOfTrials = """
    DROP VIEW sample_texts;
    CREATE INDEX step_inputs_by_input ON step_inputs(input);
    CREATE INDEX trial_steps_by_step ON trial_steps(step, trial);
    -- Every text that a trial's steps wrote, an attempt a row, kept by the filter or not and why; of rows that other rows or an evaluation of the trial hold, only those.
    CREATE VIEW sample_texts AS
      SELECT d.path AS document, s.name AS study, substr(t.key, 1, 12) AS trial, t.seed AS seed,
        t.settings AS settings, ts.iteration AS iteration, st.operation AS operation,
        (SELECT min(l.name) FROM logs l WHERE l.trial = t.id AND l.step = ts.step) AS evaluation,
        substr(st.key, 1, 12) AS step, p.question AS question, p.sample AS sample,
        a.attempt AS attempt, pt.text AS prompt, tt.text AS text, an.text AS answer,
        a.correct AS correct, a.reward AS reward, a.finish AS finish, p.kept AS kept,
        rt.text AS reason
      FROM documents d JOIN studies s ON s.document = d.id JOIN trials t ON t.study = s.id
        JOIN trial_steps ts ON ts.trial = t.id JOIN steps st ON st.id = ts.step
        JOIN samples p ON p.step = ts.step
        JOIN sample_attempts a ON a.step = p.step AND a.position = p.position
        JOIN texts pt ON pt.id = a.prompt JOIN texts tt ON tt.id = a.text
        LEFT JOIN texts an ON an.id = a.answer LEFT JOIN texts rt ON rt.id = p.reason
      WHERE t.current = 1 AND NOT EXISTS (
        -- In this order: from the few steps that take this one's rows.
        SELECT 1 FROM step_inputs i CROSS JOIN trial_steps us CROSS JOIN steps u
        WHERE i.input = ts.step AND us.step = i.step AND us.trial = ts.trial AND u.id = i.step
          AND u.kind IN ('Rows', 'Metrics'));

    """

  private static let views = """
    CREATE VIEW all_metrics AS
      SELECT d.path AS document, s.name AS study, substr(t.key, 1, 12) AS trial, t.seed AS seed,
        t.settings AS settings, l.iteration AS iteration,
        CASE WHEN l.name = '' THEN f.name WHEN f.name = '' THEN l.name
          ELSE l.name || '.' || f.name END AS metric,
        f.value AS value
      FROM documents d JOIN studies s ON s.document = d.id JOIN trials t ON t.study = s.id
        JOIN logs l ON l.trial = t.id JOIN figures f ON f.step = l.step
      WHERE t.current = 1
      UNION ALL
      SELECT d.path, s.name, substr(t.key, 1, 12), t.seed, t.settings, l.iteration, l.name, l.value
      FROM documents d JOIN studies s ON s.document = d.id JOIN trials t ON t.study = s.id
        JOIN logs l ON l.trial = t.id
      WHERE t.current = 1 AND l.step IS NULL;
    CREATE VIEW last_metrics AS
      SELECT d.path AS document, s.name AS study, substr(t.key, 1, 12) AS trial, t.seed AS seed,
        t.settings AS settings, l.iteration AS iteration,
        CASE WHEN l.name = '' THEN f.name WHEN f.name = '' THEN l.name
          ELSE l.name || '.' || f.name END AS metric,
        f.value AS value
      FROM documents d JOIN studies s ON s.document = d.id JOIN trials t ON t.study = s.id
        JOIN logs l ON l.trial = t.id JOIN figures f ON f.step = l.step
      WHERE t.current = 1 AND l.iteration = t.last_iteration
      UNION ALL
      SELECT d.path, s.name, substr(t.key, 1, 12), t.seed, t.settings, l.iteration, l.name, l.value
      FROM documents d JOIN studies s ON s.document = d.id JOIN trials t ON t.study = s.id
        JOIN logs l ON l.trial = t.id
      WHERE t.current = 1 AND l.iteration = t.last_iteration AND l.step IS NULL;
    -- One row for each question of each logged evaluation: what its first and last attempts were worth.
    CREATE VIEW questions AS
      SELECT d.path AS document, s.name AS study, substr(t.key, 1, 12) AS trial, t.seed AS seed,
        t.settings AS settings, l.iteration AS iteration, l.name AS evaluation,
        a.question AS question, b.attempt AS attempts,
        a.answer AS first_answer, a.correct AS first_correct, a.reward AS first_reward,
        b.answer AS last_answer, b.correct AS last_correct, b.reward AS last_reward,
        CASE WHEN a.correct THEN 'c' ELSE 'i' END || '_to_'
          || CASE WHEN b.correct THEN 'c' ELSE 'i' END AS flip
      FROM documents d JOIN studies s ON s.document = d.id JOIN trials t ON t.study = s.id
        JOIN logs l ON l.trial = t.id
        JOIN scores a ON a.step = l.step AND a.attempt = 1
        JOIN scores b ON b.step = a.step AND b.question = a.question
          AND b.attempt = (SELECT max(c.attempt) FROM scores c
            WHERE c.step = a.step AND c.question = a.question)
      WHERE t.current = 1;
    -- Every text that a trial's steps wrote, an attempt a row, kept by the filter or not and why.
    CREATE VIEW sample_texts AS
      SELECT d.path AS document, s.name AS study, substr(t.key, 1, 12) AS trial, t.seed AS seed,
        t.settings AS settings, ts.iteration AS iteration, st.operation AS operation,
        substr(st.key, 1, 12) AS step, p.question AS question, p.sample AS sample,
        a.attempt AS attempt, pt.text AS prompt, tt.text AS text, an.text AS answer,
        a.correct AS correct, a.reward AS reward, a.finish AS finish, p.kept AS kept,
        rt.text AS reason
      FROM documents d JOIN studies s ON s.document = d.id JOIN trials t ON t.study = s.id
        JOIN trial_steps ts ON ts.trial = t.id JOIN steps st ON st.id = ts.step
        JOIN samples p ON p.step = ts.step
        JOIN sample_attempts a ON a.step = p.step AND a.position = p.position
        JOIN texts pt ON pt.id = a.prompt JOIN texts tt ON tt.id = a.text
        LEFT JOIN texts an ON an.id = a.answer LEFT JOIN texts rt ON rt.id = p.reason
      WHERE t.current = 1;
    CREATE VIEW step_times AS
      SELECT a.operation AS operation, substr(s.key, 1, 12) AS step, a.status AS status,
        a.started AS started, a.seconds AS seconds, a.peak_memory AS peak_memory,
        a.threads AS threads, a.units AS units, a.error AS error, r.document AS document,
        e.host AS host, e.git_commit AS git_commit
      FROM attempts a JOIN steps s ON s.id = a.step JOIN runs r ON r.id = a.run
        JOIN environments e ON e.id = r.environment;
    """
}
