#include "clients/cli/ingest_origin.h"

#include <CLI/CLI.hpp>
#include <filesystem>

#include "base/hash.h"
#include "base/status.h"
#include "clients/cli/buffered_input.h"
#include "clients/cli/server_client.h"
#include "engine/payload/json.h"
#include "server/core/version.h"

namespace lineal::cli {
namespace {

using engine::Value;

constexpr size_t kReadBytes = 1 << 20;
constexpr char kSessionsPath[] = "/v1/lineage/sessions";

absl::StatusOr<std::string> DigestOf(const std::string& path) {
  LINEAL_ASSIGN_OR_RETURN(const std::unique_ptr<BufferedInput> file, BufferedInput::Open(path));
  Sha256Stream stream;
  std::string piece(kReadBytes, '\0');
  for (size_t got = 1; got > 0;) {
    got = file->Read(piece.data(), piece.size());
    stream.Add(std::string_view(piece).substr(0, got));
  }
  LINEAL_RETURN_IF_ERROR(file->status());
  return StrCat("sha256:", HexOf(BytesOf(stream.Take())));
}

// What the options do to a record, so that two runs that do the same say the same.
std::string TransformOf(const ShapeOptions& shape) {
  std::string text = StrCat("lineal ingest ", server::kLinealVersion, ", id ", shape.id);
  for (const std::string& field : shape.embed_fields) StrAppend(&text, ", embed ", field);
  if (shape.embed_fields.empty()) StrAppend(&text, ", vector ", shape.vector_field);
  if (!shape.payload_field.empty()) StrAppend(&text, ", payload ", shape.payload_field);
  return text;
}

}  // namespace

void AddOriginOptions(CLI::App* app, OriginOptions* options) {
  const char* const group = "Where the points come from";
  app->add_option("--run", options->run, "The run that writes [a new one]")->group(group);
  app->add_option("--job", options->job, "The job it is a run of")->capture_default_str()->group(group);
  app->add_option("--transform", options->transform, "What made records of the data [these options]")->group(group);
  app->add_option("--space", options->space, "The embedding space [the model of --embed-model]")->group(group);
  app->add_option("--dataset", options->dataset, "The version of the data set that is read")->group(group);
  app->add_option("--source", options->source, "What the points were made from [the file's path]")->group(group);
  app->add_option("--source-namespace", options->source_namespace, "Where sources have their names")
      ->capture_default_str()
      ->group(group);
  app->add_option("--source-field", options->source_field, "The field that names each record's source")->group(group);
  app->add_option("--source-version-field", options->source_version_field, "The field with the source's version")
      ->group(group);
  app->add_flag("--no-origin", options->none, "Note nothing of this")->group(group);
}

absl::StatusOr<std::string> OpenIngestSession(const Globals& globals, const OriginOptions& options,
                                              const std::string& file, const EmbedOptions& embed, ShapeOptions* shape) {
  if (options.none) return std::string();
  if (!options.source_version_field.empty() && options.source_field.empty()) {
    return InvalidArgument("--source-version-field wants --source-field");
  }
  engine::SourceVersion source{options.source_namespace, options.source, ""};
  if (source.name.empty())
    source.name = file == "-" ? "-" : std::filesystem::absolute(file).lexically_normal().string();
  if (options.source_field.empty() && file != "-") {
    LINEAL_ASSIGN_OR_RETURN(source.version, DigestOf(file));
  }
  shape->source = std::move(source);
  shape->source_field = options.source_field;
  shape->source_version_field = options.source_version_field;

  Value body = Value::EmptyObject();
  const auto set = [&](const char* name, const std::string& text) {
    if (!text.empty()) body.Set(name, Value(text));
  };
  set("job", options.job);
  set("run", options.run);
  set("transform", options.transform.empty() ? TransformOf(*shape) : options.transform);
  set("space", options.space.empty() ? embed.model : options.space);
  set("dataset", options.dataset);
  set("endpoint", embed.url);
  LINEAL_ASSIGN_OR_RETURN(ServerClient client, ServerClient::Connect(globals.url, globals.api_key));
  LINEAL_ASSIGN_OR_RETURN(const Value session, client.Call("POST", kSessionsPath, engine::ToJson(body)));
  const Value* id = session.Find("id");
  if (id == nullptr || !id->is_string()) return Internal("the server's session has no id");
  return id->string();
}

absl::Status CloseIngestSession(const Globals& globals, const std::string& session, bool complete) {
  if (session.empty()) return absl::OkStatus();
  LINEAL_ASSIGN_OR_RETURN(ServerClient client, ServerClient::Connect(globals.url, globals.api_key));
  return client
      .Call("POST", StrCat(kSessionsPath, "/", session, "/close"),
            complete ? R"({"state":"complete"})" : R"({"state":"failed"})")
      .status();
}

}  // namespace lineal::cli
