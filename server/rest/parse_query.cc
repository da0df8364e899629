#include "server/rest/parse_query.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/api/schema.h"
#include "server/rest/parse_filter.h"
#include "server/rest/parse_lineage.h"
#include "server/rest/parse_points.h"

namespace lineal::server {
namespace {

using engine::PayloadSelector;
using engine::SearchRequest;
using engine::VectorSelector;

absl::StatusOr<PayloadSelector> ReadPayloadSelector(JsonElement element, const JsonPlace& place) {
  bool all;
  if (!element.get(all)) return PayloadSelector{all ? PayloadSelector::Mode::kAll : PayloadSelector::Mode::kNone, {}};
  if (element.is_array()) {
    LINEAL_ASSIGN_OR_RETURN(std::vector<std::string> keys, ReadStrings(element, place));
    return PayloadSelector{PayloadSelector::Mode::kInclude, std::move(keys)};
  }
  JsonObject object;
  if (element.get(object)) return WrongType(place, "a boolean, a list of keys, or include or exclude", element);
  if (auto include = Find(object, "include")) {
    LINEAL_ASSIGN_OR_RETURN(std::vector<std::string> keys, ReadStrings(*include, JsonPlace(place, "include")));
    return PayloadSelector{PayloadSelector::Mode::kInclude, std::move(keys)};
  }
  if (auto exclude = Find(object, "exclude")) {
    LINEAL_ASSIGN_OR_RETURN(std::vector<std::string> keys, ReadStrings(*exclude, JsonPlace(place, "exclude")));
    return PayloadSelector{PayloadSelector::Mode::kExclude, std::move(keys)};
  }
  return MalformedAt(place, "expected `include` or `exclude`");
}

absl::StatusOr<VectorSelector> ReadVectorSelector(JsonElement element, const JsonPlace& place) {
  bool all;
  if (!element.get(all)) return VectorSelector{all ? VectorSelector::Mode::kAll : VectorSelector::Mode::kNone, {}};
  if (!element.is_array()) return WrongType(place, "a boolean or a list of vector names", element);
  LINEAL_ASSIGN_OR_RETURN(std::vector<std::string> names, ReadStrings(element, place));
  return VectorSelector{VectorSelector::Mode::kNames, std::move(names)};
}

absl::StatusOr<std::vector<Seq>> ReadSeqs(JsonElement element, const JsonPlace& place) {
  std::vector<Seq> out;
  if (!element.is_array()) {
    LINEAL_ASSIGN_OR_RETURN(uint64_t seq, ReadUint(element, place));
    out.push_back(Seq{seq});
    return out;
  }
  LINEAL_RETURN_IF_ERROR(ForEach(element, place, [&](JsonElement item, const JsonPlace& at) -> absl::Status {
    LINEAL_ASSIGN_OR_RETURN(uint64_t seq, ReadUint(item, at));
    out.push_back(Seq{seq});
    return absl::OkStatus();
  }));
  return out;
}

// What all reads share: selectors, filter, as_of_seq.
template <class Request>
absl::Status ReadShared(const JsonObject& object, const JsonPlace& place, Request* out) {
  if (Find(object, "shard_key")) return UnsupportedAt(JsonPlace(place, "shard_key"), "shard keys are");
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "as_of_seq", place, ReadSeqs, &out->read.as_of_seq));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "as_of", place, ReadText, &out->read.as_of));
  if constexpr (requires { out->filter; }) {
    LINEAL_RETURN_IF_ERROR(ReadMember(object, "filter", place, ReadFilter, &out->filter));
  }
  if constexpr (requires { out->with_payload; }) {
    LINEAL_RETURN_IF_ERROR(ReadMember(object, "with_payload", place, ReadPayloadSelector, &out->with_payload));
    for (std::string_view name : {"with_vector", "with_vectors"}) {
      LINEAL_RETURN_IF_ERROR(ReadMember(object, name, place, ReadVectorSelector, &out->with_vector));
    }
  }
  return absl::OkStatus();
}

// `of` is what validation messages call the request.
absl::Status ReadLimit(const JsonObject& object, const JsonPlace& place, std::string_view of, uint64_t* limit) {
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "limit", place, ReadUint, limit));
  if (*limit == 0) return OutOfRangeAt(place, StrCat(of, ".limit: value 0 invalid, must be 1 or larger"));
  return absl::OkStatus();
}

absl::Status ReadSearchParams(const JsonObject& object, const JsonPlace& place, SearchRequest* out) {
  auto element = Find(object, "params");
  if (!element) return absl::OkStatus();
  const JsonPlace at(place, "params");
  LINEAL_ASSIGN_OR_RETURN(JsonObject params, ReadObject(*element, at));
  LINEAL_RETURN_IF_ERROR(ReadMember(params, "exact", at, ReadBool, &out->exact));
  LINEAL_RETURN_IF_ERROR(ReadMember(params, "recall_target", at, ReadRecallTarget, &out->recall_target));
  if (auto quantization = Find(params, "quantization")) {
    const JsonPlace inside(at, "quantization");
    LINEAL_ASSIGN_OR_RETURN(JsonObject settings, ReadObject(*quantization, inside));
    bool ignore = false;
    LINEAL_RETURN_IF_ERROR(ReadMember(settings, "ignore", inside, ReadBool, &ignore));
    out->use_codes = !ignore;
    LINEAL_RETURN_IF_ERROR(ReadMember(settings, "rescore", inside, ReadBool, &out->rescore));
    std::optional<double> oversampling;
    LINEAL_RETURN_IF_ERROR(ReadMember(settings, "oversampling", inside, ReadDouble, &oversampling));
    if (oversampling && !(*oversampling >= 1)) {
      return OutOfRangeAt(inside, StrCat("oversampling: value ", *oversampling, " invalid, must be 1.0 or larger"));
    }
    out->oversampling = oversampling.value_or(0);
  }
  std::optional<uint64_t> ef;
  LINEAL_RETURN_IF_ERROR(ReadMember(params, "hnsw_ef", at, ReadUint, &ef));
  if (!ef) return absl::OkStatus();
  if (*ef == 0) return OutOfRangeAt(at, "hnsw_ef: value 0 invalid, must be 1 or larger");
  out->ef_search = static_cast<uint32_t>(std::min<uint64_t>(*ef, std::numeric_limits<uint32_t>::max()));
  return absl::OkStatus();
}

absl::Status ReadExplain(const JsonObject& object, const JsonPlace& place, SearchRequest* out) {
  bool wanted = false;
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "explain", place, ReadBool, &wanted));
  if (wanted) out->explain = std::make_shared<engine::SearchExplain>();
  return absl::OkStatus();
}

absl::Status ReadReceiptWish(const JsonObject& object, const JsonPlace& place, SearchRequest* out) {
  bool wanted = false;
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "with_receipt", place, ReadBool, &wanted));
  if (wanted) out->state = std::make_shared<engine::SearchState>();
  return absl::OkStatus();
}

absl::Status ReadThreshold(const JsonObject& object, const JsonPlace& place, SearchRequest* out) {
  std::optional<double> threshold;
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "score_threshold", place, ReadDouble, &threshold));
  if (threshold) out->score_threshold = static_cast<float>(*threshold);
  return absl::OkStatus();
}

absl::StatusOr<engine::Mmr> ReadMmr(JsonElement element, const JsonPlace& place, uint64_t limit) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  double diversity = 0.5;
  engine::Mmr mmr;
  mmr.candidates = std::min(limit, engine::kLimitMax);
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "diversity", place, ReadDouble, &diversity));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "candidates_limit", place, ReadUint, &mmr.candidates));
  if (!(diversity >= 0 && diversity <= 1)) {
    return OutOfRangeAt(place, StrCat("diversity: value ", diversity, " invalid, must be from 0.0 to 1.0"));
  }
  if (mmr.candidates > engine::kLimitMax) {
    return OutOfRangeAt(
        place, StrCat("candidates_limit: value ", mmr.candidates, " invalid, must be from 1 to ", engine::kLimitMax));
  }
  mmr.lambda = 1 - diversity;
  mmr.candidates = std::max<uint64_t>(mmr.candidates, 1);
  return mmr;
}

absl::StatusOr<engine::OrderBy> ReadOrderBy(JsonElement element, const JsonPlace& place) {
  engine::OrderBy order;
  if (element.is_string()) {
    LINEAL_ASSIGN_OR_RETURN(order.key, ReadString(element, place));
    return order;
  }
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  LINEAL_ASSIGN_OR_RETURN(JsonElement key, Require(object, "key", place));
  LINEAL_ASSIGN_OR_RETURN(order.key, ReadString(key, JsonPlace(place, "key")));
  std::string direction = "asc";
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "direction", place, ReadString, &direction));
  if (direction != "asc" && direction != "desc") {
    return MalformedAt(JsonPlace(place, "direction"), "unknown variant, expected `asc` or `desc`");
  }
  order.descending = direction == "desc";
  if (auto start = Find(object, "start_from")) {
    const JsonPlace at(place, "start_from");
    if (!start->is_number() && !start->is_string()) return WrongType(at, "a number or a datetime", *start);
    LINEAL_ASSIGN_OR_RETURN(order.start_from, ReadValue(*start, at));
  }
  return order;
}

// A vector, or the id of a stored point.
absl::Status ReadVectorInput(JsonElement element, const JsonPlace& place, SearchRequest* out) {
  if (element.is_string() || element.is_int64() || element.is_uint64()) {
    LINEAL_ASSIGN_OR_RETURN(PointId id, ReadPointId(element, place));
    out->query = id;
    return absl::OkStatus();
  }
  LINEAL_ASSIGN_OR_RETURN(std::vector<float> values, ReadDenseVector(element, place));
  out->query = std::move(values);
  return absl::OkStatus();
}

bool IsQueryOf(std::string_view name) {
  static constexpr std::string_view kNames[] = {"recommend", "discover", "context", "fusion",
                                                "rrf",       "formula",  "sample",  "relevance_feedback"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

// The `query` member: sets a vector query in `search`, or returns the order of a scroll.
absl::StatusOr<std::optional<engine::OrderBy>> ReadQueryInput(JsonElement element, const JsonPlace& place,
                                                              SearchRequest* search) {
  JsonObject object;
  if (element.get(object)) {
    LINEAL_RETURN_IF_ERROR(ReadVectorInput(element, place, search));
    return std::nullopt;
  }
  if (auto nearest = Find(object, "nearest")) {
    LINEAL_RETURN_IF_ERROR(ReadVectorInput(*nearest, JsonPlace(place, "nearest"), search));
    if (auto mmr = Find(object, "mmr")) {
      LINEAL_ASSIGN_OR_RETURN(search->mmr, ReadMmr(*mmr, JsonPlace(place, "mmr"), search->limit));
    }
    return std::nullopt;
  }
  if (auto order = Find(object, "order_by")) {
    LINEAL_ASSIGN_OR_RETURN(engine::OrderBy parsed, ReadOrderBy(*order, JsonPlace(place, "order_by")));
    return std::optional(std::move(parsed));
  }
  for (auto [name, value] : object) {
    if (IsQueryOf(name)) return UnsupportedAt(place, StrCat(name, " queries are"));
  }
  LINEAL_RETURN_IF_ERROR(ReadVectorInput(element, place, search));
  return std::nullopt;
}

uint64_t SaturatingAdd(uint64_t a, uint64_t b) {
  return a > std::numeric_limits<uint64_t>::max() - b ? std::numeric_limits<uint64_t>::max() : a + b;
}

absl::StatusOr<Query> ScrollOf(SearchRequest search, std::optional<engine::OrderBy> order, const JsonPlace& place) {
  if (search.state != nullptr) return UnsupportedAt(JsonPlace(place, "with_receipt"), "receipts of scrolls are");
  SkippingScroll out;
  out.skip = search.offset;
  out.scroll.filter = std::move(search.filter);
  out.scroll.limit = SaturatingAdd(search.limit, search.offset);
  out.scroll.order_by = std::move(order);
  out.scroll.with_payload = std::move(search.with_payload);
  out.scroll.with_vector = std::move(search.with_vector);
  out.scroll.read = std::move(search.read);
  return Query(std::move(out));
}

absl::Status RefusePrefetch(const JsonObject& object, const JsonPlace& place) {
  auto prefetch = Find(object, "prefetch");
  if (prefetch) {
    JsonArray list;
    const bool empty = !prefetch->get(list) && list.size() == 0;
    if (!empty) return UnsupportedAt(JsonPlace(place, "prefetch"), "prefetches are");
  }
  if (Find(object, "lookup_from")) return UnsupportedAt(JsonPlace(place, "lookup_from"), "lookups are");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Query> ReadQuery(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  LINEAL_RETURN_IF_ERROR(RefusePrefetch(object, place));
  SearchRequest search;
  LINEAL_RETURN_IF_ERROR(ReadShared(object, place, &search));
  LINEAL_RETURN_IF_ERROR(ReadLimit(object, place, "internal", &search.limit));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "offset", place, ReadUint, &search.offset));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "using", place, ReadString, &search.vector_name));
  LINEAL_RETURN_IF_ERROR(ReadSearchParams(object, place, &search));
  LINEAL_RETURN_IF_ERROR(ReadExplain(object, place, &search));
  LINEAL_RETURN_IF_ERROR(ReadReceiptWish(object, place, &search));
  LINEAL_RETURN_IF_ERROR(ReadThreshold(object, place, &search));
  auto query = Find(object, "query");
  if (!query) return ScrollOf(std::move(search), std::nullopt, place);
  LINEAL_ASSIGN_OR_RETURN(std::optional<engine::OrderBy> order,
                          ReadQueryInput(*query, JsonPlace(place, "query"), &search));
  if (order) return ScrollOf(std::move(search), std::move(order), place);
  return Query(std::move(search));
}

absl::StatusOr<SearchRequest> ReadSearch(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  LINEAL_ASSIGN_OR_RETURN(JsonElement vector, Require(object, "vector", place));
  LINEAL_RETURN_IF_ERROR(Require(object, "limit", place).status());
  SearchRequest search;
  LINEAL_RETURN_IF_ERROR(ReadShared(object, place, &search));
  LINEAL_RETURN_IF_ERROR(ReadLimit(object, place, "search_request", &search.limit));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "offset", place, ReadUint, &search.offset));
  LINEAL_RETURN_IF_ERROR(ReadSearchParams(object, place, &search));
  LINEAL_RETURN_IF_ERROR(ReadExplain(object, place, &search));
  LINEAL_RETURN_IF_ERROR(ReadReceiptWish(object, place, &search));
  LINEAL_RETURN_IF_ERROR(ReadThreshold(object, place, &search));
  const JsonPlace at(place, "vector");
  JsonObject named;
  if (vector.get(named)) {
    LINEAL_ASSIGN_OR_RETURN(search.query, ReadDenseVector(vector, at));
    return search;
  }
  LINEAL_ASSIGN_OR_RETURN(JsonElement name, Require(named, "name", at));
  LINEAL_ASSIGN_OR_RETURN(JsonElement values, Require(named, "vector", at));
  LINEAL_ASSIGN_OR_RETURN(search.vector_name, ReadString(name, JsonPlace(at, "name")));
  LINEAL_ASSIGN_OR_RETURN(search.query, ReadDenseVector(values, JsonPlace(at, "vector")));
  return search;
}

absl::StatusOr<engine::ScrollRequest> ReadScroll(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  engine::ScrollRequest scroll;
  LINEAL_RETURN_IF_ERROR(ReadShared(object, place, &scroll));
  LINEAL_RETURN_IF_ERROR(ReadLimit(object, place, "scroll_request", &scroll.limit));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "offset", place, ReadPointId, &scroll.offset));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "order_by", place, ReadOrderBy, &scroll.order_by));
  if (scroll.offset && scroll.order_by) {
    return InvalidArgument("offset cannot be used with order_by: page on with order_by.start_from instead");
  }
  return scroll;
}

absl::StatusOr<engine::CountRequest> ReadCount(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  engine::CountRequest count;
  LINEAL_RETURN_IF_ERROR(ReadShared(object, place, &count));
  LINEAL_RETURN_IF_ERROR(ReadMember(object, "exact", place, ReadBool, &count.exact));
  return count;
}

absl::StatusOr<engine::RetrieveRequest> ReadRetrieve(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  LINEAL_ASSIGN_OR_RETURN(JsonElement ids, Require(object, "ids", place));
  engine::RetrieveRequest retrieve;
  LINEAL_RETURN_IF_ERROR(ReadShared(object, place, &retrieve));
  LINEAL_ASSIGN_OR_RETURN(retrieve.ids, ReadPointIds(ids, JsonPlace(place, "ids")));
  return retrieve;
}

absl::StatusOr<JsonArray> ReadSearches(JsonElement element, const JsonPlace& place) {
  LINEAL_ASSIGN_OR_RETURN(JsonObject object, ReadObject(element, place));
  LINEAL_ASSIGN_OR_RETURN(JsonElement searches, Require(object, "searches", place));
  return ReadArray(searches, JsonPlace(place, "searches"));
}

}  // namespace lineal::server
