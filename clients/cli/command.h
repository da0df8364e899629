// One command of the program: how it is spelled and what it does.
//
// Threads: the main thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace CLI {
class App;
}

namespace lineal::cli {

// What every command may look at.
struct Globals {
  std::string url = "http://127.0.0.1:6333";
  std::string api_key;  // "" for none
  bool json = false;    // answers for programs instead of people
};

class Command {
 public:
  virtual ~Command() = default;
  // Adds the command with its options; the values stay in this object.
  virtual CLI::App* AddTo(CLI::App* program) = 0;
  // Called when it was the one asked for.
  virtual absl::Status Run(const Globals& globals) = 0;
};

std::unique_ptr<Command> MakeServeCommand();
std::unique_ptr<Command> MakeCollectionsCommand();
std::unique_ptr<Command> MakeIngestCommand();
std::unique_ptr<Command> MakeExportCommand();
std::unique_ptr<Command> MakeSearchCommand();
std::unique_ptr<Command> MakeLineageCommand();
std::unique_ptr<Command> MakeAuditCommand();
std::unique_ptr<Command> MakeReceiptCommand();
std::unique_ptr<Command> MakeVerifyCommand();
std::unique_ptr<Command> MakeBackupCommand();
std::unique_ptr<Command> MakeRestoreCommand();
std::unique_ptr<Command> MakeBenchCommand();
std::unique_ptr<Command> MakeVersionCommand();

// Every command, in the order of `--help`.
std::vector<std::unique_ptr<Command>> AllCommands();

}  // namespace lineal::cli
