// `lineal audit ...`: the log of what happened, checked here and not believed.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "base/base64.h"
#include "base/log.h"
#include "base/status.h"
#include "clients/cli/command.h"
#include "clients/cli/server_client.h"
#include "clients/cli/text_table.h"
#include "engine/database/open_database.h"
#include "engine/lineage/checkpoint.h"
#include "engine/lineage/merkle_tree.h"
#include "engine/payload/json.h"

namespace lineal::cli {
namespace {

using engine::AuditCheckpoint;
using engine::NoteVerifier;
using engine::Value;

std::string TextAt(const Value& value, std::string_view key) {
  const Value* found = value.Find(key);
  if (found == nullptr || found->is_null()) return "";
  return found->is_string() ? found->string() : engine::ToJson(*found);
}

absl::StatusOr<NoteVerifier> VerifierFrom(const std::string& text) {
  if (text.find("-----BEGIN") == std::string::npos) return engine::ParseVerifier(text);
  LINEAL_ASSIGN_OR_RETURN(const engine::PublicKey key, engine::PublicKeyFromPem(text));
  return NoteVerifier{"", key};
}

absl::StatusOr<Digest> DigestFrom(const std::string& text) {
  const auto bytes = FromBase64(text);
  Digest digest{};
  if (!bytes || bytes->size() != digest.size()) return Internal("the server's hash has another form");
  std::copy(bytes->begin(), bytes->end(), digest.begin());
  return digest;
}

absl::StatusOr<std::vector<Digest>> HashesOf(const Value& proof) {
  const Value* list = proof.Find("hashes");
  if (list == nullptr || !list->is_array()) return Internal("the server's proof has another form");
  std::vector<Digest> hashes;
  for (const Value& one : list->array()) {
    LINEAL_ASSIGN_OR_RETURN(const Digest hash, DigestFrom(one.is_string() ? one.string() : ""));
    hashes.push_back(hash);
  }
  return hashes;
}

class AuditCommand final : public Command {
 public:
  CLI::App* AddTo(CLI::App* program) override {
    CLI::App* app = program->add_subcommand("audit", "What happened, and whether anybody changed it since");
    app->require_subcommand(1);
    CLI::App* verify = app->add_subcommand("verify", "Recompute the log of a data directory that no server uses");
    verify->add_option("-d,--data-dir,--data", directory_, "The directory")->capture_default_str();
    verify->add_option("--checkpoint", checkpoints_, "A checkpoint that was kept; may be given again");
    verify->callback([this] { offline_ = true; });
    CLI::App* checkpoint = app->add_subcommand("checkpoint", "Size and root of the log, signed now: keep it elsewhere");
    checkpoint->callback([this] { run_ = &AuditCommand::Checkpoint; });
    CLI::App* key = app->add_subcommand("key", "The public key of checkpoints");
    key->callback([this] { run_ = &AuditCommand::Key; });
    CLI::App* entries = app->add_subcommand("entries", "What happened, the oldest first");
    entries->add_option("--from", from_, "From this one on")->capture_default_str();
    entries->add_option("--limit", limit_, "At most so many")->check(CLI::Range(1, 1'000))->capture_default_str();
    entries->callback([this] { run_ = &AuditCommand::Entries; });
    CLI::App* proof = app->add_subcommand("proof", "Prove that an entry is in the log that is signed now");
    proof->add_option("index", index_, "The entry")->required();
    proof->callback([this] { run_ = &AuditCommand::Proof; });
    CLI::App* consistency = app->add_subcommand("consistency", "Prove that the log only grew since a checkpoint");
    consistency->add_option("checkpoint", checkpoints_, "The checkpoint that was kept")->required()->expected(1);
    consistency->callback([this] { run_ = &AuditCommand::Consistency; });
    for (CLI::App* one : {verify, proof, consistency}) {
      CLI::Option* text = one->add_option("--public-key", key_text_, "Whose signature to believe: NAME+ID+KEY");
      one->add_option("--key", key_file_, "The same in a file, or a key in PEM")->excludes(text);
    }
    return app;
  }

  absl::Status Run(const Globals& globals) override {
    json_ = globals.json;
    if (offline_) return Verify();
    LINEAL_ASSIGN_OR_RETURN(ServerClient client, ServerClient::Connect(globals.url, globals.api_key));
    return (this->*run_)(client);
  }

 private:
  absl::StatusOr<std::optional<NoteVerifier>> GivenKey() const {
    std::string text = key_text_;
    if (!key_file_.empty()) {
      LINEAL_ASSIGN_OR_RETURN(text, PosixFileSystem()->ReadFile(key_file_));
    }
    if (text.empty()) return std::nullopt;
    LINEAL_ASSIGN_OR_RETURN(NoteVerifier verifier, VerifierFrom(text));
    return std::optional(std::move(verifier));
  }
  absl::StatusOr<NoteVerifier> KeyFor(ServerClient& client) const {
    LINEAL_ASSIGN_OR_RETURN(const std::optional<NoteVerifier> given, GivenKey());
    if (given) return *given;
    Warn("the key is the server's own word; --public-key or --key name one that you trust");
    LINEAL_ASSIGN_OR_RETURN(const Value answer, client.Call("GET", "/v1/log/key"));
    return engine::ParseVerifier(TextAt(answer, "verifier"));
  }
  static void Warn(const char* text) { std::fprintf(stderr, "lineal: %s\n", text); }
  static absl::StatusOr<AuditCheckpoint> ReadCheckpoint(const std::string& path, const NoteVerifier& verifier) {
    LINEAL_ASSIGN_OR_RETURN(const std::string note, PosixFileSystem()->ReadFile(path));
    auto checkpoint = engine::OpenCheckpoint(note, verifier);
    if (!checkpoint.ok()) return Annotate(checkpoint.status(), path);
    return checkpoint;
  }
  static absl::StatusOr<AuditCheckpoint> SignedNow(ServerClient& client, const NoteVerifier& verifier) {
    LINEAL_ASSIGN_OR_RETURN(const Value answer, client.Call("GET", "/v1/log/checkpoint"));
    return engine::OpenCheckpoint(TextAt(answer, "note"), verifier);
  }
  void Say(const Value& answer, const std::string& text) const {
    std::printf("%s\n", json_ ? engine::ToJson(answer).c_str() : text.c_str());
  }

  absl::Status Verify() {
    ConfigureLog(LogLevel::kError, LogFormat::kText);
    engine::DatabaseOptions options;
    options.directory = directory_;
    std::vector<AuditCheckpoint> kept;
    if (!checkpoints_.empty()) {
      LINEAL_ASSIGN_OR_RETURN(std::optional<NoteVerifier> verifier, GivenKey());
      if (!verifier) {
        Warn("the key is the data directory's own; --public-key or --key name one that you trust");
        LINEAL_ASSIGN_OR_RETURN(const std::string pem, PosixFileSystem()->ReadFile(engine::AuditKeyPath(options)));
        LINEAL_ASSIGN_OR_RETURN(verifier, VerifierFrom(pem));
      }
      for (const std::string& path : checkpoints_) {
        LINEAL_ASSIGN_OR_RETURN(AuditCheckpoint checkpoint, ReadCheckpoint(path, *verifier));
        kept.push_back(std::move(checkpoint));
      }
    }
    Value::Array problems;
    LINEAL_ASSIGN_OR_RETURN(const engine::AuditVerification found,
                            engine::VerifyAuditOf(options, kept, [&](const std::string& problem) {
                              if (!json_) std::printf("problem: %s\n", problem.c_str());
                              problems.emplace_back(problem);
                            }));
    const size_t count = problems.size();
    Value answer = Value::EmptyObject();
    answer.Set("ok", Value(count == 0));
    answer.Set("entries", Value::Unsigned(found.entries));
    answer.Set("erased", Value::Unsigned(found.erased));
    answer.Set("records", Value::Unsigned(found.records));
    answer.Set("origin", Value(found.origin));
    answer.Set("root", Value(Base64(BytesOf(found.root))));
    answer.Set("problems", Value(std::move(problems)));
    if (json_ || count == 0) {
      Say(answer, StrCat("The log ", found.origin, " is sound: ", HumanCount(found.entries), " entries, ",
                         HumanCount(found.erased), " of them erased, ", HumanCount(found.records), " records, root ",
                         Base64(BytesOf(found.root)),
                         kept.empty() ? "" : ". It begins with all that the checkpoints had", "."));
    }
    if (count == 0) return absl::OkStatus();
    return DataLoss(count, count == 1 ? " problem" : " problems", " in the audit log of ", directory_);
  }

  absl::Status Checkpoint(ServerClient& client) {
    LINEAL_ASSIGN_OR_RETURN(const Value answer, client.Call("GET", "/v1/log/checkpoint"));
    if (json_) {
      std::printf("%s\n", engine::ToJson(answer).c_str());
    } else {
      std::printf("%s", TextAt(answer, "note").c_str());
    }
    return absl::OkStatus();
  }

  absl::Status Key(ServerClient& client) {
    LINEAL_ASSIGN_OR_RETURN(const Value answer, client.Call("GET", "/v1/log/key"));
    Say(answer, TextAt(answer, "verifier"));
    return absl::OkStatus();
  }

  absl::Status Entries(ServerClient& client) {
    LINEAL_ASSIGN_OR_RETURN(const Value answer,
                            client.Call("GET", StrCat("/v1/log/entries?from=", from_, "&limit=", limit_)));
    if (json_) {
      std::printf("%s\n", engine::ToJson(answer).c_str());
      return absl::OkStatus();
    }
    TextTable table({"index", "time_ms", "kind", "subject", "principal", "body"});
    const Value* entries = answer.Find("entries");
    if (entries == nullptr || !entries->is_array()) return Internal("the server's entries have another form");
    for (const Value& entry : entries->array()) {
      table.Add({TextAt(entry, "index"), TextAt(entry, "time_ms"), TextAt(entry, "kind"), TextAt(entry, "subject"),
                 TextAt(entry, "principal"), TextAt(entry, "body")});
    }
    std::printf("%s", table.Render(TerminalWidth()).c_str());
    return absl::OkStatus();
  }

  absl::Status Proof(ServerClient& client) {
    LINEAL_ASSIGN_OR_RETURN(const NoteVerifier verifier, KeyFor(client));
    LINEAL_ASSIGN_OR_RETURN(const AuditCheckpoint now, SignedNow(client, verifier));
    LINEAL_ASSIGN_OR_RETURN(const Value proof,
                            client.Call("GET", StrCat("/v1/log/proof?index=", index_, "&size=", now.size)));
    LINEAL_ASSIGN_OR_RETURN(const Value entries,
                            client.Call("GET", StrCat("/v1/log/entries?from=", index_, "&limit=1")));
    const Value* list = entries.Find("entries");
    if (list == nullptr || !list->is_array() || list->array().empty()) return NotFound("there is no entry ", index_);
    const auto leaf = FromBase64(TextAt(list->array()[0], "leaf"));
    LINEAL_ASSIGN_OR_RETURN(const std::vector<Digest> hashes, HashesOf(proof));
    if (!leaf || !engine::VerifyInclusion(engine::LeafHash(*leaf), index_, now.size, hashes, now.root)) {
      return DataLoss("entry ", index_, " is not in the log of ", now.size, " entries that was signed");
    }
    Say(proof,
        StrCat("Entry ", index_, " (", TextAt(list->array()[0], "kind"), " ", TextAt(list->array()[0], "subject"),
               ") is in the log of ", now.size, " entries, by ", hashes.size(), " hashes."));
    return absl::OkStatus();
  }

  absl::Status Consistency(ServerClient& client) {
    LINEAL_ASSIGN_OR_RETURN(const NoteVerifier verifier, KeyFor(client));
    LINEAL_ASSIGN_OR_RETURN(const AuditCheckpoint old, ReadCheckpoint(checkpoints_[0], verifier));
    LINEAL_ASSIGN_OR_RETURN(const AuditCheckpoint now, SignedNow(client, verifier));
    if (old.origin != now.origin) return DataLoss("the checkpoint is of the log ", old.origin, ", not ", now.origin);
    if (old.size > now.size) {
      return DataLoss("the log has ", now.size, " entries and had ", old.size, ": the last were dropped");
    }
    LINEAL_ASSIGN_OR_RETURN(const Value proof,
                            client.Call("GET", StrCat("/v1/log/consistency?from=", old.size, "&to=", now.size)));
    LINEAL_ASSIGN_OR_RETURN(const std::vector<Digest> hashes, HashesOf(proof));
    if (!engine::VerifyConsistency({old.size, old.root}, {now.size, now.root}, hashes)) {
      return DataLoss("the first ", old.size, " entries of the log are not those of the checkpoint");
    }
    Say(proof, StrCat("The first ", old.size, " of ", now.size, " entries are those of the checkpoint."));
    return absl::OkStatus();
  }

  absl::Status (AuditCommand::*run_)(ServerClient& client) = nullptr;
  bool offline_ = false;
  bool json_ = false;
  std::string directory_ = "./data";
  std::vector<std::string> checkpoints_;
  std::string key_text_, key_file_;
  uint64_t from_ = 0, limit_ = 100, index_ = 0;
};

}  // namespace

std::unique_ptr<Command> MakeAuditCommand() { return std::make_unique<AuditCommand>(); }

}  // namespace lineal::cli
