#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/status.h"
#include "clients/cli/command.h"
#include "clients/cli/export_writer.h"
#include "clients/cli/progress.h"
#include "clients/cli/server_client.h"
#include "clients/cli/text_table.h"
#include "engine/payload/json.h"

namespace lineal::cli {
namespace {

using engine::Value;

class ExportCommand final : public Command {
 public:
  CLI::App* AddTo(CLI::App* program) override {
    CLI::App* app = program->add_subcommand("export", "Write a collection's points to a file");
    app->add_option("-c,--collection", collection_, "Of which")->required();
    app->add_option("file", file_, "NAME.jsonl, NAME.npy, or - for JSON lines on standard output")->required();
    app->add_option("--filter", filter_, "Only points that pass, a filter as JSON");
    app->add_flag("--no-vectors", no_vectors_, "Leave the vectors out");
    app->add_option("--vector-name", vector_name_, "Which vector goes into a .npy file");
    app->add_option("--rows", rows_file_, "With .npy: JSON lines with id and payload of each row");
    app->add_option("--page", page_, "Points a request")->check(CLI::Range(1, 16'384))->capture_default_str();
    app->add_flag("-q,--quiet", quiet_, "No progress");
    return app;
  }

  absl::Status Run(const Globals& globals) override {
    LINEAL_ASSIGN_OR_RETURN(ServerClient client, ServerClient::Connect(globals.url, globals.api_key));
    LINEAL_ASSIGN_OR_RETURN(Value body, RequestBody());
    LINEAL_ASSIGN_OR_RETURN(const uint64_t total, Count(client));
    const bool npy = file_.ends_with(".npy");
    if (!rows_file_.empty() && !npy) return InvalidArgument("--rows goes with a .npy file");
    if (npy && no_vectors_) return InvalidArgument("a .npy file is nothing without vectors");
    LINEAL_ASSIGN_OR_RETURN(std::unique_ptr<ExportWriter> writer, npy ? MakeNpyWriter(file_, rows_file_, vector_name_)
                                                                      : MakeJsonLinesWriter(file_, !no_vectors_));
    Progress progress(StderrProgress(collection_, quiet_));
    uint64_t points = 0;
    for (bool more = true; more;) {
      LINEAL_ASSIGN_OR_RETURN(const Value page,
                              client.Call("POST", CollectionPath(collection_, "/points/scroll"), engine::ToJson(body)));
      const Value* list = page.Find("points");
      if (list == nullptr || !list->is_array()) return Internal("the server's page has another form");
      for (const Value& point : list->array()) LINEAL_RETURN_IF_ERROR(writer->Add(point));
      points += list->array().size();
      const Value* next = page.Find("next_page_offset");
      more = next != nullptr && !next->is_null();
      if (more) body.Set("offset", *next);
      progress.Update(points, total == 0 ? 1 : std::min(1.0, static_cast<double>(points) / static_cast<double>(total)));
    }
    LINEAL_RETURN_IF_ERROR(writer->Finish());
    if (!quiet_) progress.Finish();
    if (file_ == "-") return absl::OkStatus();
    if (globals.json) {
      std::printf("{\"points\":%llu}\n", static_cast<unsigned long long>(points));
    } else {
      std::printf("%s points to %s\n", HumanCount(points).c_str(), file_.c_str());
    }
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<Value> RequestBody() const {
    Value body = Value::EmptyObject();
    body.Set("limit", Value(static_cast<int64_t>(page_)));
    body.Set("with_payload", Value(true));
    body.Set("with_vector", Value(!no_vectors_));
    if (!filter_.empty()) {
      LINEAL_ASSIGN_OR_RETURN(Value filter, engine::ParseJson(filter_));
      body.Set("filter", std::move(filter));
    }
    return body;
  }

  absl::StatusOr<uint64_t> Count(ServerClient& client) const {
    Value body = Value::EmptyObject();
    body.Set("exact", Value(true));
    if (!filter_.empty()) {
      LINEAL_ASSIGN_OR_RETURN(Value filter, engine::ParseJson(filter_));
      body.Set("filter", std::move(filter));
    }
    LINEAL_ASSIGN_OR_RETURN(const Value result,
                            client.Call("POST", CollectionPath(collection_, "/points/count"), engine::ToJson(body)));
    const Value* count = result.Find("count");
    const int64_t* number = count == nullptr ? nullptr : count->get_if<int64_t>();
    return number == nullptr ? 0 : static_cast<uint64_t>(*number);
  }

  std::string collection_;
  std::string file_;
  std::string filter_;
  std::string vector_name_;
  std::string rows_file_;
  bool no_vectors_ = false;
  bool quiet_ = false;
  int page_ = 512;
};

}  // namespace

std::unique_ptr<Command> MakeExportCommand() { return std::make_unique<ExportCommand>(); }

}  // namespace lineal::cli
