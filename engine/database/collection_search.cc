#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

#include "base/status.h"
#include "engine/database/collection_reads.h"
#include "engine/database/explain_search.h"
#include "engine/database/local_call.h"
#include "engine/database/local_collection.h"
#include "engine/database/mmr.h"

namespace lineal::engine {
namespace {

absl::StatusOr<index::Query> QueryOf(const SearchRequest& request, const VectorDef& vector,
                                     const std::vector<std::unique_ptr<ShardView>>& views) {
  if (const auto* values = std::get_if<std::vector<float>>(&request.query)) {
    if (values->size() != vector.format.dim) {
      return InvalidArgument("Vector dimension error: expected dim: ", vector.format.dim, ", got ", values->size());
    }
    return index::Query::Make(vector.format, *values);
  }
  const PointId id = std::get<PointId>(request.query);
  for (const auto& view : views) {
    std::optional<RowPlace> place = view->FindPoint(id);
    LINEAL_RETURN_IF_ERROR(view->status());
    if (!place) continue;
    const VectorColumn* column = place->segment->Vector(vector.number);
    if (column == nullptr || !column->Has(place->local)) {
      return NotFound("Point with id ", id.ToString(), " has no vector `", vector.name, "`");
    }
    return index::Query::FromRow(vector.format, column->Row(place->local));
  }
  return NotFound("No point with id ", id.ToString(), " found");
}

// Sum that stays at the greatest value: a limit may be anything.
uint64_t AddClamped(uint64_t a, uint64_t b) {
  return a > std::numeric_limits<uint64_t>::max() - b ? std::numeric_limits<uint64_t>::max() : a + b;
}

std::optional<double> TargetOf(const SearchRequest& request, const TableSchema& schema) {
  return request.recall_target ? request.recall_target : schema.search.recall_target;
}

struct Candidate {
  float distance;
  FoundRow row;
};

// What the largest part finds tells the smaller ones what is near enough.
std::vector<size_t> LargestFirst(const CollectionReads& reads) {
  std::vector<size_t> order(reads.parts().size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return reads.parts()[a].read->segment().rows().size() > reads.parts()[b].read->segment().rows().size();
  });
  return order;
}

absl::StatusOr<std::vector<Candidate>> Nearest(const CollectionReads& reads, const index::Query& query,
                                               const VectorDef& vector, const TableSchema& schema,
                                               const SearchRequest& request, uint64_t top_k,
                                               ExplainedSearch* explained) {
  SegmentSearchParams params;
  params.vector_number = vector.number;
  params.top_k = static_cast<size_t>(std::min<uint64_t>(top_k, reads.rows_max()));
  if (request.ef_search) params.ef_search = *request.ef_search;
  params.recall_target = TargetOf(request, schema);
  params.use_codes = request.use_codes;
  params.rescore = request.rescore;
  params.oversampling = request.oversampling;
  params.exact = request.exact;
  params.deadline = request.read.deadline;
  std::vector<Candidate> found;
  std::vector<float> distances;
  for (const size_t i : LargestFirst(reads)) {
    const CollectionReads::Part& part = reads.parts()[i];
    SearchTrace* trace = explained == nullptr ? nullptr : explained->Begin(part);
    const std::vector<index::Neighbor> nearest = part.read->Search(query, params, trace);
    if (explained != nullptr) explained->End(nearest.size());
    for (const index::Neighbor& neighbor : nearest) {
      found.push_back({neighbor.distance, FoundRow{part.view, RowPlace{&part.read->segment(), neighbor.id}}});
      distances.push_back(neighbor.distance);
    }
    if (distances.size() >= params.top_k && params.top_k > 0) {
      const auto last = distances.begin() + static_cast<ptrdiff_t>(params.top_k) - 1;
      std::nth_element(distances.begin(), last, distances.end());
      params.bound = *last;
    }
    LINEAL_RETURN_IF_ERROR(request.read.deadline.Check());
  }
  LINEAL_RETURN_IF_ERROR(reads.status());
  std::sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.row.point() < b.row.point();
  });
  return found;
}

bool Reaches(Metric metric, float score, float threshold) {
  return metric == Metric::kCosine || metric == Metric::kDot ? score >= threshold : score <= threshold;
}

}  // namespace

absl::StatusOr<std::vector<ScoredPoint>> LocalCollection::Search(const SearchRequest& request) {
  LocalCall call(&calls_, name_);
  LINEAL_RETURN_IF_ERROR(call.status());
  if (request.ef_search && *request.ef_search == 0)
    return OutOfRange("ef_search: value 0 invalid, must be 1 or larger");
  if (request.recall_target) {
    LINEAL_RETURN_IF_ERROR(ValidateRecallTarget("recall_target", *request.recall_target));
  }
  std::optional<ExplainedSearch> explained;
  if (request.explain != nullptr) explained.emplace(shards_.front()->environment().clock);
  LINEAL_RETURN_IF_ERROR(guard_.CheckSearch(record()->schema, request));
  LINEAL_ASSIGN_OR_RETURN(auto views, Views(request.read));
  if (request.state != nullptr) {
    *request.state = {name_, Raw(record()->shards.front()), {}};
    for (const auto& view : views) request.state->seqs.push_back(view->at());
  }
  const std::shared_ptr<const TableSchema> schema = shards_.front()->schema();
  const VectorDef* vector = schema->FindVector(request.vector_name);
  if (vector == nullptr) return InvalidArgument("Not existing vector name error: ", request.vector_name);
  LINEAL_ASSIGN_OR_RETURN(index::Query query, QueryOf(request, *vector, views));
  if (const auto* values = std::get_if<std::vector<float>>(&request.query)) {
    query_samples_->Offer(vector->number, *values);
  }
  LINEAL_ASSIGN_OR_RETURN(CollectionReads reads,
                          CollectionReads::Make(std::move(views), request.filter, request.read.deadline));

  const PointId* excluded = std::get_if<PointId>(&request.query);
  uint64_t wanted = AddClamped(request.limit, request.offset);
  if (request.mmr) wanted = std::max(wanted, request.mmr->candidates);
  LINEAL_ASSIGN_OR_RETURN(std::vector<Candidate> found,
                          Nearest(reads, query, *vector, *schema, request,
                                  AddClamped(wanted, excluded != nullptr ? 1 : 0), explained ? &*explained : nullptr));
  if (excluded != nullptr) {
    std::erase_if(found, [&](const Candidate& candidate) { return candidate.row.point() == *excluded; });
  }
  if (request.score_threshold) {
    std::erase_if(found, [&](const Candidate& candidate) {
      const float score = index::ScoreOfDistance(vector->format.distance, candidate.distance);
      return !Reaches(vector->schema.metric, score, *request.score_threshold);
    });
  }
  if (found.size() > wanted) found.resize(wanted);
  if (request.mmr) {
    std::vector<MmrCandidate> candidates;
    for (const Candidate& candidate : found) {
      const RowPlace& place = candidate.row.place;
      candidates.push_back({candidate.distance, place.segment->Vector(vector->number)->Row(place.local)});
    }
    std::vector<Candidate> chosen;
    for (size_t i : ChooseDiverse(
             vector->format, candidates, request.mmr->lambda,
             static_cast<size_t>(std::min<uint64_t>(AddClamped(request.limit, request.offset), candidates.size())))) {
      chosen.push_back(found[i]);
    }
    found = std::move(chosen);
  }

  std::vector<ScoredPoint> answer;
  for (uint64_t i = request.offset; i < found.size() && answer.size() < request.limit; ++i) {
    const FoundRow& row = found[i].row;
    ScoredPoint& point = answer.emplace_back();
    point.score = index::ScoreOfDistance(vector->format.distance, found[i].distance);
    LINEAL_ASSIGN_OR_RETURN(point.point, RecordOf(*row.view, row.place, request.with_payload, request.with_vector));
  }
  if (explained) {
    std::vector<ShardId> shard_ids;
    for (const auto& shard : shards_) shard_ids.push_back(shard->environment().id);
    explained->Finish(reads, shard_ids, vector->number, request.explain.get());
    request.explain->recall_target = TargetOf(request, *schema);
    request.explain->advice = AdviceFor(request.filter, *schema);
  }
  LINEAL_RETURN_IF_ERROR(reads.status());
  return answer;
}

}  // namespace lineal::engine
