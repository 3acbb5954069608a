import HTTPTypes
import OCI

/// The description of the management API, OpenAPI 3.1, made from the table of operations.
enum OpenAPI {
  static let document: String = {
    var paths: [(String, String)] = []
    for template in Operation.all.map(\.template)
    where !paths.contains(where: { $0.0 == ManagementRoute.root + template }) {
      let operations = Operation.all.filter { $0.template == template }.map { operation in
        (operation.method.rawValue.lowercased(), json(of: operation))
      }
      paths.append((ManagementRoute.root + template, JSONText.object(operations)))
    }
    return JSONText.object([
      ("openapi", JSONText.string("3.1.0")),
      (
        "info",
        JSONText.object([
          ("title", JSONText.string("Berth management API")), ("version", JSONText.string("1")),
          (
            "description",
            JSONText.string(
              "Accounts, tokens, visibility, protection, audit and collection. Errors are the distribution "
                + "specification's: {\"errors\": [{\"code\", \"message\", \"detail\"}]}.")
          ),
        ])
      ),
      ("security", JSONText.array([JSONText.object([("bearer", "[]")]), JSONText.object([("basic", "[]")])])),
      ("paths", JSONText.object(paths)),
      ("components", components),
    ])
  }()

  private static func json(of operation: Operation) -> String {
    var parts = [("operationId", JSONText.string(operation.id)), ("summary", JSONText.string(operation.about))]
    let parameters = pathParameters(of: operation) + operation.query.map { json(of: $0, in: "query") }
    if !parameters.isEmpty { parts.append(("parameters", JSONText.array(parameters))) }
    if let body = operation.body {
      parts.append(
        ("requestBody", JSONText.object([("required", "true"), ("content", content(.object(body)))])))
    }
    var success = [("description", JSONText.string("Done."))]
    if let result = operation.result { success.append(("content", content(result))) }
    parts.append(
      (
        "responses",
        JSONText.object([
          (String(operation.status), JSONText.object(success)),
          ("default", JSONText.object([("$ref", JSONText.string("#/components/responses/Error"))])),
        ])
      ))
    return JSONText.object(parts)
  }

  private static func pathParameters(of operation: Operation) -> [String] {
    operation.template.split(separator: "/").filter { $0.hasPrefix("{") }.map { name in
      json(
        of: Operation.Parameter(
          name: String(name.dropFirst().dropLast()), kind: name == "{id}" ? .integer : .string,
          about: "The \(name.dropFirst().dropLast()).", isRequired: true),
        in: "path")
    }
  }

  private static func json(of parameter: Operation.Parameter, in place: String) -> String {
    JSONText.object([
      ("name", JSONText.string(parameter.name)), ("in", JSONText.string(place)),
      ("required", parameter.isRequired ? "true" : "false"), ("description", JSONText.string(parameter.about)),
      ("schema", JSONText.object(parameter.kind.json())),
    ])
  }

  private static func content(_ kind: Schema.Kind) -> String {
    JSONText.object([("application/json", JSONText.object([("schema", JSONText.object(kind.json()))]))])
  }

  private static var components: String {
    var schemas: [(String, String)] = []
    let kinds = Operation.all.compactMap(\.result) + Operation.all.compactMap { $0.body.map { .object($0) } }
    for schema in kinds.flatMap(\.schemas) where !schemas.contains(where: { $0.0 == schema.name }) {
      schemas.append((schema.name, schema.json))
    }
    let error = Schema(
      "Error",
      [
        .required("code", .string, "What clients act on."),
        .required("message", .string, "What was wrong, for people."),
        .optional("detail", .stringMap, "Names and values that say more."),
      ])
    let errors = Schema("Errors", [.required("errors", .array(.object(error)), "What was wrong.")])
    schemas += [(error.name, error.json), (errors.name, errors.json)]
    return JSONText.object([
      ("schemas", JSONText.object(schemas)),
      (
        "responses",
        JSONText.object([
          (
            "Error",
            JSONText.object([
              ("description", JSONText.string("It was refused.")), ("content", content(.object(errors))),
            ])
          )
        ])
      ),
      (
        "securitySchemes",
        JSONText.object([
          ("bearer", JSONText.object([("type", JSONText.string("http")), ("scheme", JSONText.string("bearer"))])),
          ("basic", JSONText.object([("type", JSONText.string("http")), ("scheme", JSONText.string("basic"))])),
        ])
      ),
    ])
  }
}
