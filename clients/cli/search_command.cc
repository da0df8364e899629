#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/status.h"
#include "clients/cli/command.h"
#include "clients/cli/embed_options.h"
#include "clients/cli/record_shape.h"
#include "clients/cli/search_question.h"
#include "clients/cli/text_table.h"
#include "engine/payload/json.h"

namespace lineal::cli {
namespace {

using engine::Value;

std::string CellOf(const Value* value) {
  if (value == nullptr || value->is_null()) return "";
  return value->is_string() ? value->string() : engine::ToJson(*value);
}

class SearchCommand final : public Command {
 public:
  CLI::App* AddTo(CLI::App* program) override {
    CLI::App* app = program->add_subcommand("search", "Find the points nearest to a vector, a text or a point");
    app->add_option("-c,--collection", question_.collection, "Where to look")->required();
    auto* query = app->add_option_group("query", "Exactly one of these");
    query->add_option("--vector", vector_, "A JSON array of numbers");
    query->add_option("--text", text_, "A text, embedded through --embed-url");
    query->add_option("--like", like_, "The id of a stored point");
    query->require_option(1);
    AddEmbedOptions(app, &embed_);
    app->add_option("--vector-name", question_.vector_name, "Which vector; without it, the unnamed one");
    app->add_option("--filter", filter_,
                    "A filter as JSON, such as {\"must\":[{\"key\":\"section\",\"match\":{\"value\":\"net\"}}]}");
    app->add_option("-n,--limit", question_.limit, "Points at most")
        ->check(CLI::Range(1, 16'384))
        ->capture_default_str();
    app->add_option("--offset", question_.offset, "Points to leave out at the beginning");
    app->add_option("--score-threshold", question_.score_threshold, "Leave out what is worse");
    app->add_option("--ef-search", question_.ef_search, "Candidates the graph search keeps: more finds more, slower");
    app->add_flag("--exact", question_.exact, "Compare with every point");
    app->add_option("--fields", fields_, "Payload fields to show, with commas between")->delimiter(',');
    app->add_option("--grpc", grpc_, "Ask over gRPC at host:port instead of REST");
    return app;
  }

  absl::Status Run(const Globals& globals) override {
    LINEAL_RETURN_IF_ERROR(ReadQuery());
    if (!filter_.empty()) {
      LINEAL_ASSIGN_OR_RETURN(question_.filter, engine::ParseJson(filter_));
    }
    LINEAL_ASSIGN_OR_RETURN(const std::vector<Hit> hits, Ask(globals));
    if (globals.json) {
      PrintJson(hits);
    } else {
      PrintTable(hits);
    }
    return absl::OkStatus();
  }

 private:
  absl::Status ReadQuery() {
    if (!like_.empty()) {
      question_.like_id = PointId::Parse(like_);
      return question_.like_id ? absl::OkStatus()
                               : InvalidArgument("--like is a number or a UUID, got \"", like_, "\"");
    }
    if (!vector_.empty()) {
      const auto vector = VectorFromJson(Value(vector_));
      if (!vector.ok()) return InvalidArgument("--vector ", MessageOf(vector.status()));
      question_.vector = *vector;
      return absl::OkStatus();
    }
    if (embed_.url.empty())
      return InvalidArgument("--text wants --embed-url, the address of an OpenAI-compatible endpoint");
    embed_.key = EmbedKeyFromEnvironment(embed_.url);
    embed_.retry.attempts_max = 3;
    LINEAL_ASSIGN_OR_RETURN(const std::unique_ptr<Embedder> embedder, MakeOpenAiEmbedder(embed_));
    LINEAL_ASSIGN_OR_RETURN(std::vector<std::vector<float>> vectors, embedder->Embed({text_}));
    question_.vector = std::move(vectors[0]);
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<Hit>> Ask(const Globals& globals) const {
    if (!grpc_.empty()) return SearchGrpc(grpc_, globals.api_key, question_);
    LINEAL_ASSIGN_OR_RETURN(ServerClient client, ServerClient::Connect(globals.url, globals.api_key));
    return SearchRest(client, question_);
  }

  static void PrintJson(const std::vector<Hit>& hits) {
    Value::Array out;
    for (const Hit& hit : hits) {
      Value point = Value::EmptyObject();
      point.Set("id", hit.id.is_uuid() ? Value(hit.id.ToString()) : Value::Unsigned(hit.id.number()));
      point.Set("score", Value(hit.score));
      point.Set("payload", hit.payload);
      out.push_back(std::move(point));
    }
    std::printf("%s\n", engine::ToJson(Value(std::move(out))).c_str());
  }

  void PrintTable(const std::vector<Hit>& hits) const {
    if (hits.empty()) {
      std::printf("Nothing found.\n");
      return;
    }
    std::vector<std::string> titles = {"score"};
    if (fields_.empty()) {
      titles.insert(titles.end(), {"id", "payload"});
    } else {
      titles.insert(titles.end(), fields_.begin(), fields_.end());
    }
    TextTable table(titles);
    for (const Hit& hit : hits) {
      char score[32];
      std::snprintf(score, sizeof score, "%.4f", hit.score);
      std::vector<std::string> row = {score};
      if (fields_.empty()) {
        row.insert(row.end(), {hit.id.ToString(), CellOf(&hit.payload)});
      } else {
        for (const std::string& field : fields_) row.push_back(CellOf(hit.payload.Find(field)));
      }
      table.Add(std::move(row));
    }
    std::printf("%s", table.Render(TerminalWidth()).c_str());
  }

  Question question_;
  EmbedOptions embed_;
  std::string vector_;
  std::string text_;
  std::string like_;
  std::string filter_;
  std::vector<std::string> fields_;
  std::string grpc_;
};

}  // namespace

std::unique_ptr<Command> MakeSearchCommand() { return std::make_unique<SearchCommand>(); }

}  // namespace lineal::cli
