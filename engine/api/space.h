// Embedding spaces as types: vectors are comparable only if the same recipe made them. What a vector space is, is told
// by a digest of its recipe; a name is for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/payload/value.h"

namespace lineal::engine {

// All that decides what vector a text gets. Two recipes that differ in anything are two spaces.
struct SpaceRecipe {
  std::string model;          // as the model registry names it, where it is registered
  std::string model_version;  // a version there, a revision, a digest
  std::string tokenizer;      // a digest or a name
  std::string pooling;        // "mean", "cls", "last", ...
  bool normalized = false;    // vectors have length 1
  uint32_t dim = 0;
  uint32_t cut_from = 0;  // components the model gives, of which the first `dim` are kept; 0: no cut
  std::string dtype;      // what the model computes in: "float32", ...
  std::string metric;     // "Cosine", ...; empty: any
  std::string document_prefix, query_prefix;
  Value parameters;  // whatever else changes the vectors: an object, or null
  friend bool operator==(const SpaceRecipe&, const SpaceRecipe&) = default;
};

enum class SpaceState { kTrusted, kSuspect };
std::string_view NameOf(SpaceState state);

// A text whose vector is known, which tells whether an endpoint still makes the space.
struct Canary {
  std::string text;
  bool is_query = false;  // else a document
  std::vector<float> vector;
};
// What the canaries of a space were when it was registered, and how alike its endpoint must make them.
struct CanarySet {
  std::string endpoint;        // an OpenAI-style /v1/embeddings; empty: nobody asks it
  std::string endpoint_model;  // the name it is asked by
  std::vector<Canary> canaries;
  double floor = 0;  // least cosine between a canary and what the endpoint makes of its text now
};

struct EmbeddingSpace {
  std::string id;    // 32 hex digits: the first half of the recipe's SHA-256
  std::string name;  // empty if it has none; else unique
  SpaceRecipe recipe;
  SpaceState state = SpaceState::kTrusted;
  std::string note;  // why it is suspect
  int64_t created_ms = 0;
  int64_t checked_ms = 0;             // of the last canary run; 0: never
  std::optional<double> last_cosine;  // the least of that run
};

// 1..kDimMax components; texts within kOriginTextMax; a known metric or none.
absl::Status ValidateRecipe(const SpaceRecipe& recipe);
std::string SpaceIdOf(const SpaceRecipe& recipe);
// For messages: "0123.. (model all-minilm 2, pooling mean, 384 components, query prefix `query: `)".
std::string Describe(const EmbeddingSpace& space);

// Threads: any. Changes are durable when a call returns.
class SpaceRegistry {
 public:
  virtual ~SpaceRegistry() = default;

  // What is there already for the same recipe; ALREADY_EXISTS for a name that another space has.
  virtual absl::StatusOr<EmbeddingSpace> Register(const SpaceRecipe& recipe, const std::string& name,
                                                  const std::string& principal) = 0;
  // By id or name. NOT_FOUND.
  virtual absl::StatusOr<EmbeddingSpace> Find(const std::string& id_or_name) = 0;
  virtual absl::StatusOr<std::vector<EmbeddingSpace>> List() = 0;  // oldest first
  virtual absl::Status SetCanaries(const std::string& id, const CanarySet& canaries, const std::string& principal) = 0;
  virtual absl::StatusOr<CanarySet> CanariesOf(const std::string& id) = 0;
  // The outcome of a canary run.
  virtual absl::Status SetState(const std::string& id, SpaceState state, const std::string& note,
                                std::optional<double> cosine, const std::string& principal) = 0;
};

// Which space the vectors of a request lie in, and which role of it they were made by.
struct SpaceClaim {
  // A space's id or name, or one a vector: "text=ID,image=ID". Empty: the request does not say.
  std::string space;
  enum class Role { kUnsaid, kDocument, kQuery } role = Role::kUnsaid;
  bool inherited = false;  // from a key, a session or an alias: the role is then that of the call
};

// What a collection asks of the vectors it is given.
struct SpacePolicy {
  enum class Guard { kEnforce, kWarn } guard = Guard::kEnforce;
  // Vectors of which nobody says their space: refused, or taken for the collection's.
  enum class Unlabelled { kRefuse, kAssume } unlabelled = Unlabelled::kRefuse;
  friend bool operator==(const SpacePolicy&, const SpacePolicy&) = default;
};
std::string_view NameOf(SpacePolicy::Guard guard);            // "enforce", "warn"
std::string_view NameOf(SpacePolicy::Unlabelled unlabelled);  // "refuse", "assume"

}  // namespace lineal::engine
