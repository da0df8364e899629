#include <CLI/CLI.hpp>
#include <cstdio>

#include "clients/cli/command.h"
#include "server/core/version.h"

namespace lineal::cli {
namespace {

class VersionCommand final : public Command {
 public:
  CLI::App* AddTo(CLI::App* program) override { return program->add_subcommand("version", "Say what this build is"); }

  absl::Status Run(const Globals& globals) override {
    std::printf(globals.json ? "{\"version\":\"%s\",\"commit\":\"%s\",\"rest_dialect\":\"%s\"}\n"
                             : "lineal %s  commit %.12s  REST dialect %s\n",
                server::kLinealVersion, server::kCommit, server::kDialectVersion);
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<Command> MakeVersionCommand() { return std::make_unique<VersionCommand>(); }

}  // namespace lineal::cli
