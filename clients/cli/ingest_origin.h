// What `ingest` says of where its points come from: a session of its own, and the file that they are read from.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "clients/cli/command.h"
#include "clients/cli/embedder.h"
#include "clients/cli/record_shape.h"

namespace CLI {
class App;
}

namespace lineal::cli {

struct OriginOptions {
  bool none = false;
  std::string job = "lineal ingest";
  std::string run;        // empty: the session's id
  std::string transform;  // empty: what the options do to a record
  std::string space;      // empty: the model that embeds
  std::string dataset;
  std::string source_namespace = "file";
  std::string source;  // empty: the file's path
  std::string source_field;
  std::string source_version_field;
};

// --run, --transform, --space, --dataset, --source, --source-field, ...
void AddOriginOptions(CLI::App* app, OriginOptions* options);

// Opens a session and has `shape` give each point its source, whose version is the file's SHA-256 unless a field says
// it. The session's id, or "" if nothing is to be noted.
absl::StatusOr<std::string> OpenIngestSession(const Globals& globals, const OriginOptions& options,
                                              const std::string& file, const EmbedOptions& embed, ShapeOptions* shape);
absl::Status CloseIngestSession(const Globals& globals, const std::string& session, bool complete);

}  // namespace lineal::cli
