// `lineal lineage ...`: where points come from.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/status.h"
#include "clients/cli/command.h"
#include "clients/cli/http_url.h"
#include "clients/cli/server_client.h"
#include "clients/cli/text_table.h"
#include "engine/payload/json.h"

namespace lineal::cli {
namespace {

using engine::Value;

std::string TextAt(const Value& value, std::string_view key) {
  const Value* found = value.Find(key);
  if (found == nullptr || found->is_null()) return "";
  return found->is_string() ? found->string() : engine::ToJson(*found);
}

// "namespace name @version #ordinal"
std::string SourceText(const Value& origin) {
  const Value* source = origin.Find("source");
  if (source == nullptr) return "";
  std::string text = TextAt(*source, "namespace");
  StrAppend(&text, text.empty() ? "" : " ", TextAt(*source, "name"));
  if (const std::string version = TextAt(*source, "version"); !version.empty()) {
    StrAppend(&text, " @", version.substr(0, 19), version.size() > 19 ? "…" : "");
  }
  StrAppend(&text, " #", TextAt(*source, "ordinal"));
  return text;
}

const std::vector<std::string> kContextKeys = {"run", "transform", "space", "dataset", "endpoint"};

class LineageCommand final : public Command {
 public:
  CLI::App* AddTo(CLI::App* program) override {
    CLI::App* app = program->add_subcommand("lineage", "Where points come from");
    app->require_subcommand(1);
    CLI::App* point = app->add_subcommand("point", "Of one point: its run, transform, space and source");
    point->add_option("id", id_, "The point")->required();
    point->add_flag("--history", history_, "Every state of it that is kept");
    point->callback([this] { run_ = &LineageCommand::OfPoint; });
    CLI::App* points = app->add_subcommand("points", "The points of a source, a run, a space, ...");
    points->add_option("--source", source_, "What they were made from");
    points->add_option("--source-namespace", source_namespace_, "Where the source has its name")->capture_default_str();
    points->add_option("--source-version", source_version_, "Only of that version");
    for (size_t i = 0; i < kContextKeys.size(); ++i) {
      points->add_option("--" + kContextKeys[i], context_[i], "Written from that " + kContextKeys[i]);
    }
    points->add_option("--limit", limit_, "At most so many")->check(CLI::PositiveNumber)->capture_default_str();
    points->callback([this] { run_ = &LineageCommand::PointsOf; });
    CLI::App* summary = app->add_subcommand("summary", "How many points came from what");
    summary->callback([this] { run_ = &LineageCommand::Summary; });
    for (CLI::App* one : {point, points, summary}) {
      one->add_option("-c,--collection", collection_, "In which")->required();
    }
    CLI::App* sessions = app->add_subcommand("sessions", "Ingest sessions, the newest first");
    sessions->callback([this] { run_ = &LineageCommand::Sessions; });
    return app;
  }

  absl::Status Run(const Globals& globals) override {
    json_ = globals.json;
    LINEAL_ASSIGN_OR_RETURN(ServerClient client, ServerClient::Connect(globals.url, globals.api_key));
    return (this->*run_)(client);
  }

 private:
  std::string Path(std::string_view rest) const { return StrCat("/v1", CollectionPath(collection_, rest)); }
  bool PrintedAsJson(const Value& answer) const {
    if (json_) std::printf("%s\n", engine::ToJson(answer).c_str());
    return json_;
  }

  absl::Status OfPoint(ServerClient& client) {
    const std::string query = history_ ? "?history=true" : "";
    LINEAL_ASSIGN_OR_RETURN(const Value answer,
                            client.Call("GET", Path(StrCat("/points/", PercentEncode(id_), "/provenance", query))));
    if (PrintedAsJson(answer)) return absl::OkStatus();
    TextTable table({"version", "change", "run", "transform", "space", "source"});
    const auto add = [&](const Value& origin) {
      table.Add({TextAt(origin, "version"), TextAt(origin, "change"), TextAt(origin, "run"),
                 TextAt(origin, "transform"), TextAt(origin, "space"), SourceText(origin)});
    };
    const Value* states = answer.Find("history");
    if (states != nullptr && states->is_array()) {
      for (const Value& state : states->array()) add(state);
    } else if (const Value* origin = answer.Find("origin")) {
      add(*origin);
    }
    std::printf("%s", table.Render(TerminalWidth()).c_str());
    return absl::OkStatus();
  }

  absl::Status PointsOf(ServerClient& client) {
    constexpr uint64_t kPage = 1'000;
    Value body = Value::EmptyObject();
    for (size_t i = 0; i < kContextKeys.size(); ++i) {
      if (!context_[i].empty()) body.Set(kContextKeys[i], Value(context_[i]));
    }
    if (!source_.empty()) {
      Value source = Value::EmptyObject();
      source.Set("namespace", Value(source_namespace_));
      source.Set("name", Value(source_));
      if (!source_version_.empty()) source.Set("version", Value(source_version_));
      body.Set("source", std::move(source));
    }
    TextTable table({"id", "run", "source"});
    Value::Array all;
    for (uint64_t left = limit_; left > 0;) {
      body.Set("limit", Value::Unsigned(std::min(left, kPage)));
      LINEAL_ASSIGN_OR_RETURN(const Value page, client.Call("POST", Path("/origins/points"), engine::ToJson(body)));
      const Value* points = page.Find("points");
      if (points == nullptr || !points->is_array()) return Internal("the server's page has another form");
      for (const Value& point : points->array()) {
        if (json_) all.push_back(point);
        const Value* origin = point.Find("origin");
        if (origin != nullptr) table.Add({TextAt(point, "id"), TextAt(*origin, "run"), SourceText(*origin)});
      }
      left -= std::min<uint64_t>(left, points->array().size());
      const Value* next = page.Find("next_page_offset");
      if (next == nullptr || next->is_null()) break;
      body.Set("offset", *next);
    }
    if (!PrintedAsJson(Value(std::move(all)))) std::printf("%s", table.Render(TerminalWidth()).c_str());
    return absl::OkStatus();
  }

  absl::Status Summary(ServerClient& client) {
    LINEAL_ASSIGN_OR_RETURN(const Value answer, client.Call("GET", Path("/origins")));
    if (PrintedAsJson(answer)) return absl::OkStatus();
    TextTable table({"points", "run", "transform", "space", "dataset"});
    if (const Value* contexts = answer.Find("contexts"); contexts != nullptr && contexts->is_array()) {
      for (const Value& context : contexts->array()) {
        table.Add({TextAt(context, "points"), TextAt(context, "run"), TextAt(context, "transform"),
                   TextAt(context, "space"), TextAt(context, "dataset")});
      }
    }
    table.Add({TextAt(answer, "unattributed"), "(of no run)", "", "", ""});
    std::printf("%s", table.Render(TerminalWidth()).c_str());
    return absl::OkStatus();
  }

  absl::Status Sessions(ServerClient& client) {
    LINEAL_ASSIGN_OR_RETURN(const Value answer, client.Call("GET", "/v1/lineage/sessions"));
    if (PrintedAsJson(answer)) return absl::OkStatus();
    TextTable table({"id", "state", "job", "run", "space"});
    if (const Value* sessions = answer.Find("sessions"); sessions != nullptr && sessions->is_array()) {
      for (const Value& session : sessions->array()) {
        table.Add({TextAt(session, "id"), TextAt(session, "state"), TextAt(session, "job"), TextAt(session, "run"),
                   TextAt(session, "space")});
      }
    }
    std::printf("%s", table.Render(TerminalWidth()).c_str());
    return absl::OkStatus();
  }

  absl::Status (LineageCommand::*run_)(ServerClient& client) = nullptr;
  bool json_ = false;
  std::string collection_, id_;
  bool history_ = false;
  std::string source_, source_namespace_ = "file", source_version_;
  std::string context_[5];
  uint64_t limit_ = 100;
};

}  // namespace

std::unique_ptr<Command> MakeLineageCommand() { return std::make_unique<LineageCommand>(); }

}  // namespace lineal::cli
