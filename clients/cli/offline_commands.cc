// verify, backup and restore: they open the data directory themselves, so no server may have it.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/log.h"
#include "base/status.h"
#include "clients/cli/command.h"
#include "clients/cli/text_table.h"
#include "engine/database/open_database.h"
#include "engine/payload/json.h"

namespace lineal::cli {
namespace {

engine::DatabaseOptions OptionsFor(const std::string& directory) {
  // What these commands have to say is on stdout; the log's small talk would only stand in between.
  ConfigureLog(LogLevel::kError, LogFormat::kText);
  engine::DatabaseOptions options;
  options.directory = directory;
  options.optimizer_enabled = false;
  return options;
}

// What a lock held by a server means for these commands.
absl::Status Explained(const absl::Status& status) {
  if (status.code() != absl::StatusCode::kFailedPrecondition) return status;
  return Annotate(status, "cannot open the data directory; a server that uses it must be stopped first");
}

absl::StatusOr<std::unique_ptr<engine::Database>> Open(const std::string& directory) {
  auto database = engine::OpenDatabase(OptionsFor(directory));
  if (!database.ok()) return Explained(database.status());
  return database;
}

// A mistyped name must not become a new, empty database.
absl::Status CheckThere(const std::string& directory) {
  if (PosixFileSystem()->Exists(directory)) return absl::OkStatus();
  return NotFound("there is no directory ", directory);
}

class VerifyCommand final : public Command {
 public:
  CLI::App* AddTo(CLI::App* program) override {
    CLI::App* app = program->add_subcommand("verify", "Check everything in a data directory that no server uses");
    app->add_option("-d,--data-dir", directory_, "The directory")->capture_default_str();
    return app;
  }

  absl::Status Run(const Globals& globals) override {
    LINEAL_RETURN_IF_ERROR(CheckThere(directory_));
    engine::Value::Array problems;
    LINEAL_RETURN_IF_ERROR(Explained(engine::VerifyDirectory(OptionsFor(directory_), [&](const std::string& problem) {
      if (!globals.json) std::printf("problem: %s\n", problem.c_str());
      problems.emplace_back(problem);
    })));
    const size_t count = problems.size();
    if (globals.json) {
      engine::Value answer = engine::Value::EmptyObject();
      answer.Set("ok", engine::Value(count == 0));
      answer.Set("problems", engine::Value(std::move(problems)));
      std::printf("%s\n", engine::ToJson(answer).c_str());
    } else if (count == 0) {
      std::printf("%s is sound.\n", directory_.c_str());
    }
    if (count == 0) return absl::OkStatus();
    return DataLoss(count, count == 1 ? " problem" : " problems", " in ", directory_);
  }

 private:
  std::string directory_ = "./data";
};

class BackupCommand final : public Command {
 public:
  CLI::App* AddTo(CLI::App* program) override {
    CLI::App* app = program->add_subcommand("backup", "Copy one collection to a new directory, without a server");
    app->add_option("-d,--data-dir", directory_, "The data directory")->capture_default_str();
    app->add_option("-c,--collection", collection_, "The collection")->required();
    app->add_option("target", target_, "The directory of the copy, which must not exist")->required();
    return app;
  }

  absl::Status Run(const Globals& globals) override {
    LINEAL_RETURN_IF_ERROR(CheckThere(directory_));
    if (PosixFileSystem()->Exists(target_)) return AlreadyExists(target_, " exists; a backup goes to a new directory");
    LINEAL_ASSIGN_OR_RETURN(const std::unique_ptr<engine::Database> database, Open(directory_));
    absl::Status status = database->BackupCollection(collection_, target_);
    database->Stop();
    LINEAL_RETURN_IF_ERROR(status);
    const uint64_t bytes = PosixFileSystem()->DiskUsage(target_);
    if (globals.json) {
      std::printf("{\"bytes\":%llu}\n", static_cast<unsigned long long>(bytes));
    } else {
      std::printf("Collection %s is in %s, %s.\n", collection_.c_str(), target_.c_str(), HumanBytes(bytes).c_str());
    }
    return absl::OkStatus();
  }

 private:
  std::string directory_ = "./data";
  std::string collection_;
  std::string target_;
};

class RestoreCommand final : public Command {
 public:
  CLI::App* AddTo(CLI::App* program) override {
    CLI::App* app = program->add_subcommand("restore", "Make a collection from a backup, without a server");
    app->add_option("-d,--data-dir", directory_, "The data directory; made if it is not there")->capture_default_str();
    app->add_option("-c,--collection", collection_, "The new collection's name")->required();
    app->add_option("source", source_, "The directory of the copy")->required();
    return app;
  }

  absl::Status Run(const Globals& globals) override {
    LINEAL_RETURN_IF_ERROR(CheckThere(source_));
    LINEAL_ASSIGN_OR_RETURN(const std::unique_ptr<engine::Database> database, Open(directory_));
    const absl::StatusOr<uint64_t> points = Restore(*database);
    database->Stop();
    LINEAL_RETURN_IF_ERROR(points.status());
    if (globals.json) {
      std::printf("{\"points\":%llu}\n", static_cast<unsigned long long>(*points));
    } else {
      std::printf("Collection %s is back with %s points.\n", collection_.c_str(), HumanCount(*points).c_str());
    }
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<uint64_t> Restore(engine::Database& database) {
    LINEAL_RETURN_IF_ERROR(database.RestoreCollection(collection_, source_));
    LINEAL_ASSIGN_OR_RETURN(const auto collection, database.GetCollection(collection_));
    return collection->Count({});
  }

  std::string directory_ = "./data";
  std::string collection_;
  std::string source_;
};

}  // namespace

std::unique_ptr<Command> MakeVerifyCommand() { return std::make_unique<VerifyCommand>(); }
std::unique_ptr<Command> MakeBackupCommand() { return std::make_unique<BackupCommand>(); }
std::unique_ptr<Command> MakeRestoreCommand() { return std::make_unique<RestoreCommand>(); }

}  // namespace lineal::cli
