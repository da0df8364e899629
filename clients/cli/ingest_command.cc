#include <CLI/CLI.hpp>
#include <cstdio>
#include <mutex>

#include "base/clock.h"
#include "base/status.h"
#include "clients/cli/checkpoint.h"
#include "clients/cli/collection_admin.h"
#include "clients/cli/command.h"
#include "clients/cli/embed_options.h"
#include "clients/cli/ingest_origin.h"
#include "clients/cli/ingestion.h"
#include "clients/cli/progress.h"
#include "clients/cli/text_table.h"
#include "engine/payload/json.h"

namespace lineal::cli {
namespace {

constexpr int64_t kCheckpointStepNs = 1'000'000'000;
constexpr uint64_t kProblemsShown = 10;

class IngestCommand final : public Command {
 public:
  CLI::App* AddTo(CLI::App* program) override {
    CLI::App* app = program->add_subcommand("ingest", "Put the records of a file into a collection");
    app->add_option("file", file_, "JSONL, CSV, TSV, .npy, .fvecs or .bvecs; - for standard input")->required();
    app->add_option("-c,--collection", collection_, "Where to")->required();
    AddReadOptions(app);
    AddShapeOptions(app);
    AddEmbedOptions(app, &embed_);
    AddOriginOptions(app, &origin_);
    app->add_flag("--create", create_, "Make the collection if it is not there")->group("New collection");
    AddSpecOptions(app, &spec_);
    app->add_option("--batch", options_.batch, "Points a request")->check(CLI::Range(1, 10'000))->capture_default_str();
    app->add_option("--parallel", options_.parallel, "Requests under way")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    app->add_flag("--skip-bad", options_.skip_bad, "Pass over records that cannot be read, and count them");
    app->add_option("--resume-file", resume_file_, "Where to note how far it got [FILE.lineal-resume]");
    app->add_flag("--restart", restart_, "Begin from the start, whatever was noted");
    app->add_flag("--no-resume", no_resume_, "Note nothing");
    app->add_flag("-q,--quiet", quiet_, "No progress");
    return app;
  }

  absl::Status Run(const Globals& globals) override {
    globals_ = &globals;
    options_.shape.vector_name = spec_.vector_name;
    if (!options_.shape.embed_fields.empty() && embed_.url.empty()) {
      return InvalidArgument("--embed-field wants --embed-url, the address of an OpenAI-compatible endpoint");
    }
    if (!embed_.url.empty() && options_.shape.embed_fields.empty()) {
      return InvalidArgument("--embed-url wants --embed-field, the field whose text is embedded");
    }
    LINEAL_RETURN_IF_ERROR(CheckCollection());
    LINEAL_ASSIGN_OR_RETURN(std::unique_ptr<RecordReader> reader, OpenRecords(file_, reader_options_));
    LINEAL_RETURN_IF_ERROR(Resume(reader.get()));
    LINEAL_ASSIGN_OR_RETURN(session_, OpenIngestSession(globals, origin_, file_, embed_, &options_.shape));
    const int64_t started_ns = SystemClock()->MonotonicNs();
    const uint64_t rows_before = reader->position().rows;
    Progress progress(StderrProgress(collection_, quiet_));
    const absl::StatusOr<IngestionSummary> summary = Ingest(reader.get(), options_, Parts(*reader, &progress));
    const absl::Status closed = CloseIngestSession(globals, session_, summary.ok());
    if (!summary.ok()) {
      SaveNow();
      return checkpointing() && saved_rows_ > 0
                 ? Annotate(summary.status(), StrCat("stopped after ", saved_rows_, " records (run it again to go on)"))
                 : summary.status();
    }
    if (!quiet_) progress.Finish();
    if (checkpointing()) LINEAL_RETURN_IF_ERROR(PosixFileSystem()->Remove(resume_file_));
    LINEAL_RETURN_IF_ERROR(closed);
    Say(*summary, rows_before, 1e-9 * static_cast<double>(SystemClock()->MonotonicNs() - started_ns));
    return absl::OkStatus();
  }

 private:
  void AddReadOptions(CLI::App* app) {
    app->add_option("--format", reader_options_.format,
                    "jsonl, csv, tsv, npy, fvecs or bvecs; without it, by the name");
    app->add_option("--payload", reader_options_.payload_path,
                    "JSONL with one object for each row of a file of vectors");
    app->add_option("--csv-delimiter", reader_options_.csv_delimiter, "What stands between cells")
        ->capture_default_str();
    app->add_flag("--csv-text", reader_options_.csv_text_only, "Leave numbers in CSV as text");
  }

  void AddShapeOptions(CLI::App* app) {
    ShapeOptions& shape = options_.shape;
    app->add_option(
           "--id", shape.id,
           "Where ids come from: auto (the field id, else the row), row, hash (of the whole record), field:NAME "
           "or hash:NAME")
        ->capture_default_str();
    app->add_option("--id-base", shape.id_base, "The id of the first row, with --id row")->capture_default_str();
    app->add_option("--vector-field", shape.vector_field, "The field with the vector")->capture_default_str();
    app->add_option("--payload-field", shape.payload_field, "The field with the payload; without it, all that is left");
    app->add_option("--embed-field", shape.embed_fields, "Text to embed; repeatable, texts are joined");
  }

  absl::Status CheckCollection() {
    LINEAL_ASSIGN_OR_RETURN(ServerClient client, ServerClient::Connect(globals_->url, globals_->api_key));
    const absl::Status status = client.Call("GET", CollectionPath(collection_)).status();
    missing_ = status.code() == absl::StatusCode::kNotFound;
    if (missing_ && !create_) return NotFound(MessageOf(status), " --create makes it");
    return missing_ ? absl::OkStatus() : status;
  }

  bool checkpointing() const { return !no_resume_ && file_ != "-"; }

  absl::Status Resume(RecordReader* reader) {
    if (!checkpointing()) return absl::OkStatus();
    if (resume_file_.empty()) resume_file_ = file_ + ".lineal-resume";
    LINEAL_ASSIGN_OR_RETURN(checkpoint_, CheckpointFor(file_, collection_));
    // A collection that is gone has nothing of what was acknowledged.
    if (restart_ || missing_) return absl::OkStatus();
    LINEAL_ASSIGN_OR_RETURN(const std::optional<ReadPosition> position,
                            LoadCheckpoint(PosixFileSystem(), resume_file_, checkpoint_));
    if (!position) return absl::OkStatus();
    checkpoint_.position = *position;
    if (!quiet_) std::fprintf(stderr, "Going on after %s records.\n", HumanCount(position->rows).c_str());
    return reader->Seek(*position);
  }

  IngestionParts Parts(const RecordReader& reader, Progress* progress) {
    IngestionParts parts;
    if (!embed_.url.empty()) {
      embed_.key = EmbedKeyFromEnvironment(embed_.url);
      parts.make_embedder = [this] { return MakeOpenAiEmbedder(embed_); };
    }
    parts.make_writer = [this]() -> absl::StatusOr<std::unique_ptr<PointWriter>> {
      LINEAL_ASSIGN_OR_RETURN(ServerClient client, ServerClient::Connect(globals_->url, globals_->api_key));
      client.SetSession(session_);
      return MakeRestWriter(std::move(client), collection_, {});
    };
    parts.before_first = [this](size_t dim) { return missing_ ? Create(dim) : absl::OkStatus(); };
    const uint64_t total = reader.bytes_total();
    parts.acknowledged = [this, total, progress](const ReadPosition& position, uint64_t records) {
      checkpoint_.position = position;
      const double fraction = total == 0 ? -1 : static_cast<double>(position.offset) / static_cast<double>(total);
      if (!quiet_) progress->Update(records, fraction);
      const int64_t now = SystemClock()->MonotonicNs();
      if (now - saved_ns_ >= kCheckpointStepNs) SaveNow();
    };
    parts.skipped = [this](const absl::Status& problem) {
      if (++skipped_ <= kProblemsShown)
        std::fprintf(stderr, "passed over: %s\n", std::string(MessageOf(problem)).c_str());
    };
    return parts;
  }

  absl::Status Create(size_t dim) {
    LINEAL_ASSIGN_OR_RETURN(ServerClient client, ServerClient::Connect(globals_->url, globals_->api_key));
    spec_.dim = static_cast<uint32_t>(dim);
    return CreateCollection(client, collection_, spec_);
  }

  void SaveNow() {
    saved_ns_ = SystemClock()->MonotonicNs();
    if (!checkpointing() || checkpoint_.position.rows == 0) return;
    const absl::Status status = SaveCheckpoint(PosixFileSystem(), resume_file_, checkpoint_);
    if (status.ok()) {
      saved_rows_ = checkpoint_.position.rows;
    } else if (!warned_) {
      warned_ = true;
      std::fprintf(stderr, "cannot note how far it got: %s\n", std::string(MessageOf(status)).c_str());
    }
  }

  void Say(const IngestionSummary& summary, uint64_t rows_before, double seconds) const {
    if (globals_->json) {
      engine::Value line = engine::Value::EmptyObject();
      line.Set("collection", engine::Value(collection_));
      line.Set("points", engine::Value::Unsigned(summary.records));
      line.Set("skipped", engine::Value::Unsigned(summary.skipped));
      line.Set("resumed_after", engine::Value::Unsigned(rows_before));
      line.Set("seconds", engine::Value(seconds));
      if (!session_.empty()) line.Set("session", engine::Value(session_));
      std::printf("%s\n", engine::ToJson(line).c_str());
      return;
    }
    std::printf(
        "%s points in %s, %s a second%s.\n", HumanCount(summary.records).c_str(), HumanSeconds(seconds).c_str(),
        HumanCount(static_cast<uint64_t>(static_cast<double>(summary.records) / std::max(seconds, 1e-3))).c_str(),
        summary.skipped == 0 ? "" : StrCat("; ", summary.skipped, " records passed over").c_str());
  }

  const Globals* globals_ = nullptr;
  std::string file_;
  std::string collection_;
  ReaderOptions reader_options_;
  IngestionOptions options_;
  EmbedOptions embed_;
  CollectionSpec spec_;
  OriginOptions origin_;
  std::string session_;  // empty: nothing is to be noted
  bool create_ = false;
  bool missing_ = false;
  std::string resume_file_;
  bool restart_ = false;
  bool no_resume_ = false;
  bool quiet_ = false;

  Checkpoint checkpoint_;
  int64_t saved_ns_ = 0;
  uint64_t saved_rows_ = 0;
  uint64_t skipped_ = 0;
  bool warned_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeIngestCommand() { return std::make_unique<IngestCommand>(); }

}  // namespace lineal::cli
