// Texts to vectors, through any endpoint that speaks OpenAI's `POST /v1/embeddings`.
//
// Threads: one at a time; make one for each thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/http_connection.h"
#include "clients/cli/retry.h"

namespace lineal::cli {

class Embedder {
 public:
  virtual ~Embedder() = default;
  // One vector for each text, in order.
  virtual absl::StatusOr<std::vector<std::vector<float>>> Embed(const std::vector<std::string>& texts) = 0;
};

struct EmbedOptions {
  std::string url;    // "http://host:port/v1", with or without "/embeddings" after it
  std::string model;  // "" leaves it out
  std::string key;    // sent as a bearer token, if not empty
  size_t batch = 32;  // texts a request
  int64_t timeout_ms = 120'000;
  RetryPolicy retry;
};

// INVALID_ARGUMENT for a bad address. Statuses 429 and 5xx and broken connections are tried again.
absl::StatusOr<std::unique_ptr<Embedder>> MakeOpenAiEmbedder(const EmbedOptions& options);

// From LINEAL_EMBED_API_KEY; for api.openai.com itself, else from OPENAI_API_KEY, which is nobody else's business.
std::string EmbedKeyFromEnvironment(std::string_view url);

// The vectors of an answer's `data`, put in order by `index`; `embedding` is an array or base64 of little-endian
// floats.
absl::StatusOr<std::vector<std::vector<float>>> ParseEmbeddings(std::string_view body, size_t count);

}  // namespace lineal::cli
