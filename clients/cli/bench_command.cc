#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>

#include "base/random.h"
#include "base/status.h"
#include "clients/cli/command.h"
#include "clients/cli/load_check.h"
#include "clients/cli/record_shape.h"
#include "clients/cli/search_question.h"
#include "clients/cli/text_table.h"
#include "engine/payload/json.h"

namespace lineal::cli {
namespace {

using engine::Value;

// Stored vectors with noise are questions like those that people ask: near to something, equal to nothing.
constexpr double kNoise = 0.1;

class BenchCommand final : public Command {
 public:
  CLI::App* AddTo(CLI::App* program) override {
    CLI::App* app = program->add_subcommand("bench", "Ask a running server as fast as it answers, and count");
    app->add_option("-c,--collection", question_.collection, "Which collection")->required();
    app->add_option("--connections", options_.connections, "Questions under way")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
    app->add_option("--seconds", options_.seconds, "How long")->check(CLI::Range(0.1, 3600.0))->capture_default_str();
    app->add_option("-n,--limit", question_.limit, "Points a question")
        ->check(CLI::Range(1, 16'384))
        ->capture_default_str();
    app->add_option("--vector-name", question_.vector_name, "Which vector; without it, the unnamed one");
    app->add_option("--ef-search", question_.ef_search, "Candidates the graph search keeps");
    app->add_flag("--exact", question_.exact, "Compare with every point");
    app->add_option("--seed", seed_, "Of the noise on the questions")->capture_default_str();
    return app;
  }

  absl::Status Run(const Globals& globals) override {
    LINEAL_ASSIGN_OR_RETURN(const std::vector<std::string> bodies, MakeQuestions(globals));
    std::vector<ServerClient> clients;
    for (size_t i = 0; i < options_.connections; ++i) {
      LINEAL_ASSIGN_OR_RETURN(ServerClient client, ServerClient::Connect(globals.url, globals.api_key));
      clients.push_back(std::move(client));
    }
    const std::string target = CollectionPath(question_.collection, "/points/query");
    const LoadResult result = RunLoad(options_, [&](size_t connection, uint64_t turn) {
      return clients[connection].Call("POST", target, bodies[(connection * 131 + turn) % bodies.size()]).status();
    });
    Print(result, globals.json);
    return result.answers == 0 ? result.first_error : absl::OkStatus();
  }

 private:
  absl::StatusOr<std::vector<std::string>> MakeQuestions(const Globals& globals) {
    LINEAL_ASSIGN_OR_RETURN(ServerClient client, ServerClient::Connect(globals.url, globals.api_key));
    LINEAL_ASSIGN_OR_RETURN(const Value page,
                            client.Call("POST", CollectionPath(question_.collection, "/points/scroll"),
                                        R"({"limit":500,"with_payload":false,"with_vector":true})"));
    const Value* points = page.Find("points");
    if (points == nullptr || !points->is_array()) return Internal("the server's page has another form");
    Random random(seed_);
    std::vector<std::string> bodies;
    for (const Value& point : points->array()) {
      const Value* vector = point.Find("vector");
      if (vector != nullptr && vector->is_object()) vector = vector->Find(question_.vector_name);
      if (vector == nullptr) continue;
      LINEAL_ASSIGN_OR_RETURN(question_.vector, VectorFromJson(*vector));
      double norm = 0;
      for (float component : question_.vector) norm += double{component} * component;
      const double scale = kNoise * std::sqrt(norm / static_cast<double>(question_.vector.size()));
      for (float& component : question_.vector) component += static_cast<float>(scale * random.Gaussian());
      bodies.push_back(QueryBody(question_));
    }
    if (bodies.empty())
      return FailedPrecondition("collection ", question_.collection, " has no such vectors to ask with");
    return bodies;
  }

  void Print(const LoadResult& result, bool json) const {
    const std::string error = result.first_error.ok() ? "" : std::string(MessageOf(result.first_error));
    if (json) {
      Value line = Value::EmptyObject();
      line.Set("answers", Value::Unsigned(result.answers));
      line.Set("errors", Value::Unsigned(result.errors));
      line.Set("per_second", Value(result.per_second()));
      line.Set("p50_ms", Value(result.Quantile(0.5)));
      line.Set("p99_ms", Value(result.Quantile(0.99)));
      if (!error.empty()) line.Set("first_error", Value(error));
      std::printf("%s\n", engine::ToJson(line).c_str());
      return;
    }
    std::printf("%s answers in %.1f s over %zu connections: %s a second, p50 %.2f ms, p99 %.2f ms, %s errors\n",
                HumanCount(result.answers).c_str(), result.seconds, options_.connections,
                HumanCount(static_cast<uint64_t>(result.per_second())).c_str(), result.Quantile(0.5),
                result.Quantile(0.99), HumanCount(result.errors).c_str());
    if (!error.empty()) std::printf("first error: %s\n", error.c_str());
  }

  Question question_;
  LoadOptions options_;
  uint64_t seed_ = 1;
};

}  // namespace

std::unique_ptr<Command> MakeBenchCommand() { return std::make_unique<BenchCommand>(); }

}  // namespace lineal::cli
