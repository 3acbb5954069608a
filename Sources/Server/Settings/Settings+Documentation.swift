extension Settings {
  /// The settings as flags, for the help of a command.
  public static let help: String = {
    var lines = wrapped(
      "Each flag can also be set by an environment variable (--gc-grace is BERTH_GC_GRACE) or by a key of the YAML "
        + "file (gc-grace: 1h); a flag wins over a variable, a variable over the file.", indent: 0)
    lines += ["", "  --\(configName) <file>"]
    lines += wrapped("YAML file to read settings from. (default: none)", indent: 6)
    for setting in Setting.all {
      let limits = setting.limitsText.map { ", \($0)" } ?? ""
      lines.append("  \(setting.flag) <\(setting.placeholder)>")
      lines += wrapped("\(setting.help) (default: \(setting.defaultText)\(limits))", indent: 6)
    }
    return lines.joined(separator: "\n")
  }()

  /// `text` in lines shorter than 80 columns, which the parser does not wrap again, that begin with `indent` spaces.
  private static func wrapped(_ text: String, indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let line = lines.last, line.count + 1 + word.count < 80 {
        lines[lines.count - 1] = "\(line) \(word)"
      } else {
        lines.append(margin + word)
      }
    }
    return lines
  }

  /// The whole of `docs/configuration.md`.
  public static func documentation() -> String {
    var text = """
      # Configuration

      `berth serve` needs none: it listens on \(ListenAddress.standard) and keeps its data in one folder. What can be \
      set has the same name everywhere:

      | as | example |
      |---|---|
      | flag | `--gc-grace 2h` or `--gc-grace=2h` |
      | environment variable | `BERTH_GC_GRACE=2h` |
      | key of the YAML file | `gc-grace: 2h` |

      A flag wins over a variable, a variable over the file, the file over the default. The file is the one that \
      `--config` or `BERTH_CONFIG` names; without either no file is read. `berth settings`, with the flags and variables \
      of `berth serve`, prints what is in force and where each value came from.

      An unknown flag, variable or key and a value that cannot be used stop the start with one line that names it. \
      `BERTH_SERVER`, `BERTH_TOKEN` and `BERTH_CA`, which commands that speak to a server read, are not settings of one.

      A duration is written with the units `d`, `h`, `m`, `s` and `ms` (`90s`, `1h30m`, `7d`); a size with `KiB`, \
      `MiB`, `GiB`, `TiB`, `kB`, `MB`, `GB`, `TB`, or as a number of bytes.

      ## Settings


      """
    text += "| setting | variable | value | default | what it does |\n|---|---|---|---|---|\n"
    for setting in Setting.all {
      let value = setting.placeholder.replacing("|", with: " \\| ")
      let limits = setting.limitsText.map { ", \($0)" } ?? ""
      text +=
        "| `\(setting.name)` | `\(setting.variable)` | \(value)\(limits) | \(setting.defaultText) | \(setting.help) |\n"
    }
    text += """

      ## Access

      On a loopback address (127.0.0.0/8, ::1, localhost) `access` is `open` without being set, because only this \
      machine can reach the server. On any other address everybody on the network could pull, push and delete, so the \
      server does not start until `--access accounts` has them log in, or `--access open` says that this is wanted. \
      [access.md](access.md) tells how accounts work.

      ## A file

      ```yaml
      listen: 0.0.0.0:5000
      access: accounts
      data: /var/lib/berth
      log-format: json
      gc-grace: 2h
      ```

      This page is made from the table in the code: `berth settings --documentation > docs/configuration.md`.

      """
    return text
  }
}
