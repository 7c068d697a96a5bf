struct MathEquivalence { func areEqual(_ a: String, _ b: String) -> Bool { a == b } }
