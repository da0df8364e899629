#include "clients/cli/program.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>

#include "base/status.h"
#include "clients/cli/command.h"
#include "engine/payload/json.h"
#include "server/core/version.h"

namespace lineal::cli {
namespace {

std::string FromEnvironment(const char* name, std::string otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

int Report(const absl::Status& status, bool json) {
  if (status.ok()) return kExitOk;
  if (json) {
    std::string line = "{\"error\":";
    engine::AppendJsonString(&line, MessageOf(status));
    std::fprintf(stderr, "%s,\"exit_code\":%d}\n", line.c_str(), ExitCodeOf(status));
  } else {
    std::fprintf(stderr, "lineal: %s\n", std::string(MessageOf(status)).c_str());
  }
  return ExitCodeOf(status);
}

}  // namespace

std::vector<std::unique_ptr<Command>> AllCommands() {
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(MakeServeCommand());
  commands.push_back(MakeCollectionsCommand());
  commands.push_back(MakeIngestCommand());
  commands.push_back(MakeExportCommand());
  commands.push_back(MakeSearchCommand());
  commands.push_back(MakeLineageCommand());
  commands.push_back(MakeAuditCommand());
  commands.push_back(MakeReceiptCommand());
  commands.push_back(MakeVerifyCommand());
  commands.push_back(MakeBackupCommand());
  commands.push_back(MakeRestoreCommand());
  commands.push_back(MakeBenchCommand());
  commands.push_back(MakeVersionCommand());
  return commands;
}

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kInvalidArgument:
      return kExitUsage;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
      return kExitUnavailable;
    case absl::StatusCode::kNotFound:
      return kExitNotFound;
    case absl::StatusCode::kDataLoss:
      return kExitDamaged;
    default:
      return kExitFailed;
  }
}

int RunProgram(int argc, const char* const* argv) {
  Globals globals;
  globals.url = FromEnvironment("LINEAL_URL", globals.url);
  globals.api_key = FromEnvironment("LINEAL_API_KEY", "");

  CLI::App program("Lineal, a vector database in which every vector knows where it came from.", "lineal");
  program.fallthrough();
  program.require_subcommand(1);
  program.set_version_flag("--version", std::string("lineal ") + server::kLinealVersion);
  program.add_option("--url", globals.url, "The server to talk to [LINEAL_URL]")->capture_default_str();
  program.add_flag("--json", globals.json, "Answers for programs instead of people");
  program.footer("The key that clients present is read from LINEAL_API_KEY. More: docs/cli.md.");

  const std::vector<std::unique_ptr<Command>> commands = AllCommands();
  std::vector<CLI::App*> parsers;
  for (const auto& command : commands) parsers.push_back(command->AddTo(&program));
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  for (size_t i = 0; i < commands.size(); ++i) {
    if (parsers[i]->parsed()) return Report(commands[i]->Run(globals), globals.json);
  }
  return kExitUsage;
}

}  // namespace lineal::cli
