// `lineal receipt ...`: what became of the answer of a search.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/file_system.h"
#include "base/status.h"
#include "clients/cli/command.h"
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

// The text itself, or the file that it is in.
absl::StatusOr<std::string> TextOf(const std::string& given) {
  if (!PosixFileSystem()->Exists(given)) return given;
  LINEAL_ASSIGN_OR_RETURN(std::string text, PosixFileSystem()->ReadFile(given));
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

class ReceiptCommand final : public Command {
 public:
  CLI::App* AddTo(CLI::App* program) override {
    CLI::App* app = program->add_subcommand("receipt", "What became of the answer of a search");
    app->require_subcommand(1);
    CLI::App* verify = app->add_subcommand("verify", "Whether it is genuine, and what it says");
    verify->callback([this] { run_ = &ReceiptCommand::Verify; });
    CLI::App* explain = app->add_subcommand("explain", "Where its hits came from");
    explain->callback([this] { run_ = &ReceiptCommand::Explain; });
    CLI::App* replay = app->add_subcommand("replay", "An exact search of the same state, and what differs");
    replay->add_option("request", request_, "The request that was answered: JSON, or a file with it")->required();
    replay->callback([this] { run_ = &ReceiptCommand::Replay; });
    for (CLI::App* one : {verify, explain, replay}) {
      one->add_option("--receipt", receipt_, "The receipt, or a file with it")->required();
    }
    return app;
  }

  absl::Status Run(const Globals& globals) override {
    json_ = globals.json;
    LINEAL_ASSIGN_OR_RETURN(receipt_, TextOf(receipt_));
    LINEAL_ASSIGN_OR_RETURN(ServerClient client, ServerClient::Connect(globals.url, globals.api_key));
    return (this->*run_)(client);
  }

 private:
  absl::StatusOr<Value> Call(ServerClient& client, const char* what, Value body) const {
    body.Set("receipt", Value(receipt_));
    LINEAL_ASSIGN_OR_RETURN(Value answer, client.Call("POST", StrCat("/v1/receipts/", what), engine::ToJson(body)));
    if (json_) std::printf("%s\n", engine::ToJson(answer).c_str());
    return answer;
  }

  absl::Status Verify(ServerClient& client) {
    LINEAL_ASSIGN_OR_RETURN(const Value answer, Call(client, "verify", Value::EmptyObject()));
    const Value* receipt = answer.Find("receipt");
    if (receipt == nullptr) return DataLoss("the receipt is not genuine: ", TextAt(answer, "reason"));
    if (json_) return absl::OkStatus();
    std::printf("Genuine: request %s to collection %s at time_ms %s, as of seq %s.\n",
                TextAt(*receipt, "request_id").c_str(), TextAt(*receipt, "collection").c_str(),
                TextAt(*receipt, "time_ms").c_str(), TextAt(*receipt, "as_of_seq").c_str());
    TextTable table({"id", "version", "score"});
    AddRows(receipt->Find("hits"), &table, {"id", "version", "score"});
    std::printf("%s", table.Render(TerminalWidth()).c_str());
    return absl::OkStatus();
  }

  absl::Status Explain(ServerClient& client) {
    LINEAL_ASSIGN_OR_RETURN(const Value answer, Call(client, "explain", Value::EmptyObject()));
    if (json_) return absl::OkStatus();
    TextTable table({"id", "version", "readable", "origin"});
    AddRows(answer.Find("hits"), &table, {"id", "version", "readable", "origin"});
    std::printf("%s", table.Render(TerminalWidth()).c_str());
    return absl::OkStatus();
  }

  absl::Status Replay(ServerClient& client) {
    LINEAL_ASSIGN_OR_RETURN(const std::string text, TextOf(request_));
    LINEAL_ASSIGN_OR_RETURN(Value request, engine::ParseJson(text));
    if (!request.is_object()) return InvalidArgument("the request is no JSON object");
    LINEAL_ASSIGN_OR_RETURN(const Value answer, Call(client, "replay", std::move(request)));
    if (json_) return absl::OkStatus();
    if (TextAt(answer, "readable") != "true") {
      std::printf("That state is no longer kept: %s\n", TextAt(answer, "reason").c_str());
    } else if (TextAt(answer, "same") == "true") {
      std::printf("The exact search of that state is the same.\n");
    } else {
      std::printf("The exact search of that state differs: only then %s, only now %s, scores by %s at most.\n",
                  TextAt(answer, "only_then").c_str(), TextAt(answer, "only_now").c_str(),
                  TextAt(answer, "score_difference_max").c_str());
    }
    if (TextAt(answer, "gone") != "[]") std::printf("No longer readable: %s\n", TextAt(answer, "gone").c_str());
    return absl::OkStatus();
  }

  static void AddRows(const Value* hits, TextTable* table, const std::vector<std::string>& keys) {
    if (hits == nullptr || !hits->is_array()) return;
    for (const Value& hit : hits->array()) {
      std::vector<std::string> cells;
      for (const std::string& key : keys) cells.push_back(TextAt(hit, key));
      table->Add(std::move(cells));
    }
  }

  absl::Status (ReceiptCommand::*run_)(ServerClient& client) = nullptr;
  bool json_ = false;
  std::string receipt_, request_;
};

}  // namespace

std::unique_ptr<Command> MakeReceiptCommand() { return std::make_unique<ReceiptCommand>(); }

}  // namespace lineal::cli
