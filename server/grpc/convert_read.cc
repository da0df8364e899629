#include "server/grpc/convert_read.h"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "base/status.h"
#include "engine/api/schema.h"
#include "server/grpc/convert_filter.h"
#include "server/grpc/convert_value.h"
#include "server/grpc/convert_vector.h"

namespace lineal::server {
namespace {

constexpr uint64_t kLimitDefault = 10;
constexpr uint64_t kOffsetMax = std::numeric_limits<uint32_t>::max();
constexpr uint32_t kEfSearchMax = 65'536;

absl::Status CheckRange(std::string_view name, uint64_t value, uint64_t low, uint64_t high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return OutOfRange(name, " is ", value, ", the limits are ", low, " and ", high);
}

template <class Request>
absl::StatusOr<uint64_t> LimitOf(const Request& request) {
  const uint64_t limit = request.has_limit() ? request.limit() : kLimitDefault;
  LINEAL_RETURN_IF_ERROR(CheckRange("limit", limit, 1, engine::kLimitMax));
  return limit;
}

absl::StatusOr<engine::PayloadSelector> PayloadSelectorFromWire(const v1::PayloadSelector& wire,
                                                                engine::PayloadSelector::Mode by_default) {
  using Mode = engine::PayloadSelector::Mode;
  engine::PayloadSelector selector;
  selector.keys.assign(wire.keys().begin(), wire.keys().end());
  switch (static_cast<int>(wire.mode())) {
    case v1::PayloadSelector::MODE_DEFAULT:
      selector.mode = by_default;
      break;
    case v1::PayloadSelector::MODE_NONE:
      selector.mode = Mode::kNone;
      break;
    case v1::PayloadSelector::MODE_ALL:
      selector.mode = Mode::kAll;
      break;
    case v1::PayloadSelector::MODE_INCLUDE:
      selector.mode = Mode::kInclude;
      return selector;
    case v1::PayloadSelector::MODE_EXCLUDE:
      selector.mode = Mode::kExclude;
      return selector;
    default:
      return InvalidArgument("with_payload has the unknown mode ", static_cast<int>(wire.mode()));
  }
  if (!selector.keys.empty()) return InvalidArgument("with_payload has keys but neither include nor exclude");
  return selector;
}

absl::StatusOr<engine::VectorSelector> VectorSelectorFromWire(const v1::VectorSelector& wire) {
  using Mode = engine::VectorSelector::Mode;
  engine::VectorSelector selector;
  selector.names.assign(wire.names().begin(), wire.names().end());
  switch (static_cast<int>(wire.mode())) {
    case v1::VectorSelector::MODE_NONE:
      selector.mode = Mode::kNone;
      break;
    case v1::VectorSelector::MODE_ALL:
      selector.mode = Mode::kAll;
      break;
    case v1::VectorSelector::MODE_NAMES:
      selector.mode = Mode::kNames;
      return selector;
    default:
      return InvalidArgument("with_vector has the unknown mode ", static_cast<int>(wire.mode()));
  }
  if (!selector.names.empty()) return InvalidArgument("with_vector has names but another mode");
  return selector;
}

std::vector<Seq> SeqsFromWire(const google::protobuf::RepeatedField<uint64_t>& wire) {
  std::vector<Seq> seqs;
  seqs.reserve(static_cast<size_t>(wire.size()));
  for (uint64_t seq : wire) seqs.push_back(Seq{seq});
  return seqs;
}

absl::StatusOr<engine::Mmr> MmrFromWire(const v1::Mmr& wire) {
  engine::Mmr mmr;
  if (wire.has_lambda()) mmr.lambda = wire.lambda();
  if (wire.has_candidates()) mmr.candidates = wire.candidates();
  if (!(mmr.lambda >= 0 && mmr.lambda <= 1))
    return OutOfRange("mmr.lambda is ", mmr.lambda, ", the limits are 0 and 1");
  LINEAL_RETURN_IF_ERROR(CheckRange("mmr.candidates", mmr.candidates, 1, engine::kLimitMax));
  return mmr;
}

absl::Status QueryFromWire(const v1::SearchRequest& wire, engine::SearchRequest* out) {
  if (wire.has_vector()) {
    LINEAL_ASSIGN_OR_RETURN(out->query, UnpackVector(wire.vector().type(), wire.vector().data()));
    return absl::OkStatus();
  }
  if (!wire.has_point_id()) return InvalidArgument("search has neither vector nor point_id");
  LINEAL_ASSIGN_OR_RETURN(out->query, IdFromWire(wire.point_id()));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<engine::SearchRequest> SearchFromWire(const v1::SearchRequest& wire) {
  engine::SearchRequest request;
  request.vector_name = wire.vector_name();
  LINEAL_RETURN_IF_ERROR(QueryFromWire(wire, &request));
  LINEAL_ASSIGN_OR_RETURN(request.filter, FilterFromWire(wire.filter()));
  LINEAL_ASSIGN_OR_RETURN(request.limit, LimitOf(wire));
  LINEAL_RETURN_IF_ERROR(CheckRange("offset", wire.offset(), 0, kOffsetMax));
  request.offset = wire.offset();
  if (wire.has_score_threshold()) {
    if (std::isnan(wire.score_threshold())) return InvalidArgument("score_threshold is not a number");
    request.score_threshold = wire.score_threshold();
  }
  request.exact = wire.exact();
  if (wire.has_ef_search()) {
    LINEAL_RETURN_IF_ERROR(CheckRange("ef_search", wire.ef_search(), 1, kEfSearchMax));
    request.ef_search = wire.ef_search();
  }
  if (wire.has_recall_target()) {
    LINEAL_RETURN_IF_ERROR(engine::ValidateRecallTarget("recall_target", wire.recall_target()));
    request.recall_target = wire.recall_target();
  }
  request.use_codes = !wire.codes().ignore();
  if (wire.codes().has_rescore()) request.rescore = wire.codes().rescore();
  if (wire.codes().has_oversampling()) {
    request.oversampling = wire.codes().oversampling();
    if (!(request.oversampling >= 1)) {
      return OutOfRange("codes.oversampling: value ", request.oversampling, " invalid, must be 1.0 or larger");
    }
  }
  if (wire.explain()) request.explain = std::make_shared<engine::SearchExplain>();
  if (wire.has_mmr()) {
    LINEAL_ASSIGN_OR_RETURN(request.mmr, MmrFromWire(wire.mmr()));
  }
  LINEAL_ASSIGN_OR_RETURN(request.with_payload,
                          PayloadSelectorFromWire(wire.with_payload(), engine::PayloadSelector::Mode::kNone));
  LINEAL_ASSIGN_OR_RETURN(request.with_vector, VectorSelectorFromWire(wire.with_vector()));
  request.read.as_of_seq = SeqsFromWire(wire.as_of_seq());
  return request;
}

absl::StatusOr<engine::RetrieveRequest> RetrieveFromWire(const v1::RetrieveRequest& wire) {
  engine::RetrieveRequest request;
  LINEAL_ASSIGN_OR_RETURN(size_t packed, CountIds(wire.packed()));
  const size_t ids = packed + static_cast<size_t>(wire.ids_size());
  LINEAL_RETURN_IF_ERROR(CheckRange("number of ids", ids, 0, engine::kLimitMax));
  request.ids.reserve(ids);
  for (const v1::PointId& id : wire.ids()) {
    LINEAL_ASSIGN_OR_RETURN(request.ids.emplace_back(), IdFromWire(id));
  }
  LINEAL_RETURN_IF_ERROR(AppendIds(wire.packed(), &request.ids));
  LINEAL_ASSIGN_OR_RETURN(request.with_payload,
                          PayloadSelectorFromWire(wire.with_payload(), engine::PayloadSelector::Mode::kAll));
  LINEAL_ASSIGN_OR_RETURN(request.with_vector, VectorSelectorFromWire(wire.with_vector()));
  request.read.as_of_seq = SeqsFromWire(wire.as_of_seq());
  return request;
}

absl::StatusOr<engine::ScrollRequest> ScrollFromWire(const v1::ScrollRequest& wire) {
  engine::ScrollRequest request;
  LINEAL_ASSIGN_OR_RETURN(request.filter, FilterFromWire(wire.filter()));
  LINEAL_ASSIGN_OR_RETURN(request.limit, LimitOf(wire));
  if (wire.has_offset() && wire.has_order_by()) return InvalidArgument("scroll has both offset and order_by");
  if (wire.has_offset()) {
    LINEAL_ASSIGN_OR_RETURN(request.offset, IdFromWire(wire.offset()));
  }
  if (wire.has_order_by()) {
    if (wire.order_by().key().empty()) return InvalidArgument("order_by has no key");
    engine::OrderBy& order = request.order_by.emplace();
    order.key = wire.order_by().key();
    order.descending = wire.order_by().descending();
    if (wire.order_by().has_start_from()) {
      LINEAL_ASSIGN_OR_RETURN(order.start_from, ValueFromWire(wire.order_by().start_from()));
    }
  }
  LINEAL_ASSIGN_OR_RETURN(request.with_payload,
                          PayloadSelectorFromWire(wire.with_payload(), engine::PayloadSelector::Mode::kAll));
  LINEAL_ASSIGN_OR_RETURN(request.with_vector, VectorSelectorFromWire(wire.with_vector()));
  request.read.as_of_seq = SeqsFromWire(wire.as_of_seq());
  return request;
}

absl::StatusOr<engine::CountRequest> CountFromWire(const v1::CountRequest& wire) {
  engine::CountRequest request;
  LINEAL_ASSIGN_OR_RETURN(request.filter, FilterFromWire(wire.filter()));
  request.exact = !wire.has_exact() || wire.exact();
  request.read.as_of_seq = SeqsFromWire(wire.as_of_seq());
  return request;
}

}  // namespace lineal::server
