// Questions to a collection and their answers, as plain data. Every read sees one seq of each shard.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/deadline.h"
#include "base/ids.h"
#include "engine/api/explain.h"
#include "engine/api/filter.h"
#include "engine/api/origin.h"
#include "engine/api/space.h"
#include "engine/api/write.h"
#include "engine/payload/value.h"

namespace lineal::engine {

struct PayloadSelector {
  enum class Mode { kNone, kAll, kInclude, kExclude } mode = Mode::kNone;
  std::vector<std::string> keys;
};
struct VectorSelector {
  enum class Mode { kNone, kAll, kNames } mode = Mode::kNone;
  std::vector<std::string> names;
};

// What every read may say.
struct ReadOptions {
  // One seq for each shard of the collection: the state to read. Empty for the newest. INVALID_ARGUMENT of kind out of
  // range when a seq lies in the future or before the history window.
  std::vector<Seq> as_of_seq;
  // The same by name: the number of a revision, a tag, or an RFC 3339 time. NOT_FOUND for what is not there.
  std::string as_of;
  Deadline deadline;
};

// Maximal marginal relevance over `candidates` nearest (Carbonell and Goldstein 1998).
struct Mmr {
  double lambda = 0.5;  // 1: relevance only; 0: diversity only
  uint64_t candidates = 100;
};

// The state that a search was answered from.
struct SearchState {
  std::string collection;  // its name, which is not an alias
  uint32_t number = 0;     // of the collection: no other has it, before or after
  std::vector<Seq> seqs;   // one a shard
};

struct SearchRequest {
  std::string vector_name;
  // The query: a vector, or a stored point (which is then left out of the answer).
  std::variant<std::vector<float>, PointId> query;
  Filter filter;
  uint64_t limit = 10;
  uint64_t offset = 0;
  std::optional<float> score_threshold;
  bool exact = false;
  bool use_codes = true;              // false: graphs are walked by the vectors themselves
  bool rescore = true;                // false: scores are those of codes, and vectors are not read for them
  double oversampling = 0;            // of `limit`, rescored at least; 0: as many as the codes' error asks for
  std::optional<uint32_t> ef_search;  // goes before a recall target
  // The share of the exact answers that is to be found: above 0, at most 1, which is `exact`. Not set: the
  // collection's, or else a walk of the default width.
  std::optional<double> recall_target;
  std::shared_ptr<SearchExplain> explain;  // where to say how the search was run; null: not asked for
  std::shared_ptr<SearchState> state;      // where to say what it was answered from; null: not asked for
  std::optional<Mmr> mmr;
  PayloadSelector with_payload;
  VectorSelector with_vector;
  SpaceClaim claim;                                    // of the query, if that is a vector
  std::shared_ptr<std::vector<std::string>> warnings;  // where to say what is doubtful; null: nobody asks
  ReadOptions read;
};

// A point as it is at the read's seq. `vectors` and `payload` hold what the selectors asked for.
struct PointRecord {
  PointId id;
  uint64_t version = 0;  // the seq that last changed it
  std::optional<Value> payload;
  std::vector<NamedVector> vectors;
  std::optional<Value> order_value;
};
struct ScoredPoint {
  PointRecord point;
  float score = 0;  // as the metric has it: similarity for cosine and dot (more is better), distance for the others
};

struct RetrieveRequest {
  std::vector<PointId> ids;
  PayloadSelector with_payload{PayloadSelector::Mode::kAll, {}};
  VectorSelector with_vector;
  ReadOptions read;
};

struct OrderBy {
  std::string key;
  bool descending = false;
  std::optional<Value> start_from;
};
struct ScrollRequest {
  Filter filter;
  uint64_t limit = 10;
  std::optional<PointId> offset;  // inclusive; not with order_by
  std::optional<OrderBy> order_by;
  PayloadSelector with_payload{PayloadSelector::Mode::kAll, {}};
  VectorSelector with_vector;
  ReadOptions read;
};
struct ScrollPage {
  std::vector<PointRecord> points;
  std::optional<PointId> next_offset;
};

// Where a point came from: its present state, or, with `history`, every state that is kept, the newest first.
struct ProvenanceRequest {
  PointId id;
  bool history = false;
  ReadOptions read;
};

// Living points by where they came from: all that is given must hold; something must be.
struct OriginSelector {
  std::optional<SourceVersion> source;
  bool any_version = true;  // of the source; its own is not looked at then
  IngestContext context;    // empty texts hold for all
};
struct OriginPageRequest {
  OriginSelector selector;
  uint64_t limit = 100;
  std::string offset;  // `next` of the page before
  ReadOptions read;
};
struct OriginPage {
  std::vector<std::pair<PointId, PointOrigin>> points;
  std::string next;  // empty: there are no more
};

struct CountRequest {
  Filter filter;
  bool exact = true;
  ReadOptions read;
};

}  // namespace lineal::engine
