#include <grpc/support/time.h>
#include <grpcpp/grpcpp.h>

#include "base/status.h"
#include "clients/cli/grpc_filter.h"
#include "clients/cli/search_question.h"
#include "engine/payload/json.h"
#include "lineal/v1/points.grpc.pb.h"

namespace lineal::cli {
namespace {

constexpr int64_t kTimeoutSeconds = 60;

absl::StatusOr<v1::SearchRequest> RequestOf(const Question& question) {
  v1::SearchRequest request;
  request.set_collection(question.collection);
  request.set_vector_name(question.vector_name);
  if (!question.like_id) {
    request.mutable_vector()->set_data(question.vector.data(), question.vector.size() * sizeof(float));
  } else if (question.like_id->is_uuid()) {
    request.mutable_point_id()->set_uuid(question.like_id->ToString());
  } else {
    request.mutable_point_id()->set_number(question.like_id->number());
  }
  if (!question.filter.is_null()) LINEAL_RETURN_IF_ERROR(FilterToProto(question.filter, request.mutable_filter()));
  request.set_limit(question.limit);
  request.set_offset(question.offset);
  if (question.score_threshold) request.set_score_threshold(static_cast<float>(*question.score_threshold));
  request.set_exact(question.exact);
  if (question.ef_search) request.set_ef_search(*question.ef_search);
  request.mutable_with_payload()->set_mode(v1::PayloadSelector::MODE_ALL);
  request.mutable_with_payload()->set_as_json(true);
  return request;
}

absl::StatusOr<Hit> HitOf(const v1::ScoredPoint& scored) {
  Hit hit;
  const v1::PointId& id = scored.point().id();
  if (id.id_case() == v1::PointId::kNumber) {
    hit.id = PointId::Number(id.number());
  } else if (const auto uuid = PointId::ParseUuid(id.uuid())) {
    hit.id = *uuid;
  } else {
    return Internal("the server gave a point without an id");
  }
  hit.score = scored.score();
  if (!scored.point().payload_json().empty()) {
    LINEAL_ASSIGN_OR_RETURN(hit.payload, engine::ParseJson(scored.point().payload_json()));
  }
  return hit;
}

}  // namespace

absl::StatusOr<std::vector<Hit>> SearchGrpc(const std::string& address, const std::string& api_key,
                                            const Question& question) {
  LINEAL_ASSIGN_OR_RETURN(const v1::SearchRequest request, RequestOf(question));
  const auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  const auto stub = v1::Points::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_seconds(kTimeoutSeconds, GPR_TIMESPAN)));
  if (!api_key.empty()) context.AddMetadata("api-key", api_key);
  v1::SearchResponse response;
  const grpc::Status status = stub->Search(&context, request, &response);
  if (!status.ok()) {
    // gRPC's codes are Abseil's by number.
    return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                        StrCat("gRPC at ", address, ": ", status.error_message()));
  }
  std::vector<Hit> hits;
  for (const v1::ScoredPoint& point : response.points()) {
    LINEAL_ASSIGN_OR_RETURN(Hit hit, HitOf(point));
    hits.push_back(std::move(hit));
  }
  return hits;
}

}  // namespace lineal::cli
