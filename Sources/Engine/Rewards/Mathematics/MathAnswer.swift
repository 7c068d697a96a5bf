enum MathAnswer {
  static func extracted(from t: String) -> String { t }
  static func gold(_ t: String) -> String { t }
}
