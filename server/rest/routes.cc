#include "server/rest/routes.h"

#include "server/rest/handlers.h"
#include "server/rest/mlflow_door.h"
#include "server/rest/openlineage_door.h"

namespace lineal::server {
namespace {

constexpr auto kGet = HttpMethod::kGet;
constexpr auto kPut = HttpMethod::kPut;
constexpr auto kPost = HttpMethod::kPost;
constexpr auto kPatch = HttpMethod::kPatch;
constexpr auto kDelete = HttpMethod::kDelete;
constexpr auto kOpen = std::nullopt;
constexpr auto kHere = std::nullopt;

// Of two templates that fit a path the first is taken: fixed words stand before variable parts.
constexpr Route kRoutes[] = {
    {kGet, "/", kOpen, kHere, HandleVersion},
    {kGet, "/healthz", kOpen, kHere, HandleHealth},
    {kGet, "/livez", kOpen, kHere, HandleLive},
    {kGet, "/readyz", kOpen, kHere, HandleReady},
    {kGet, "/metrics", Right::kRead, WorkKind::kManage, HandleMetrics},
    {kGet, "/telemetry", Right::kRead, WorkKind::kManage, HandleTelemetry},
    {kGet, "/issues", Right::kRead, kHere, HandleIssues},
    {kDelete, "/issues", Right::kManage, kHere, HandleClearIssues},
    {kGet, "/cluster", Right::kRead, kHere, HandleCluster},
    {kGet, "/aliases", Right::kRead, WorkKind::kRead, HandleListAliases},

    {kGet, "/collections", Right::kRead, WorkKind::kRead, HandleListCollections},
    {kPost, "/collections/aliases", Right::kManage, WorkKind::kManage, HandleChangeAliases},
    {kGet, "/collections/{collection_name}", Right::kRead, WorkKind::kRead, HandleGetCollection},
    {kPut, "/collections/{collection_name}", Right::kManage, WorkKind::kManage, HandleCreateCollection},
    {kPatch, "/collections/{collection_name}", Right::kManage, WorkKind::kManage, HandleUpdateCollection},
    {kDelete, "/collections/{collection_name}", Right::kManage, WorkKind::kManage, HandleDeleteCollection},
    {kGet, "/collections/{collection_name}/exists", Right::kRead, WorkKind::kRead, HandleCollectionExists},
    {kGet, "/collections/{collection_name}/aliases", Right::kRead, WorkKind::kRead, HandleCollectionAliases},
    {kGet, "/collections/{collection_name}/cluster", Right::kRead, WorkKind::kRead, HandleCollectionCluster},
    {kGet, "/collections/{collection_name}/optimizations", Right::kRead, WorkKind::kRead, HandleOptimizations},
    {kGet, "/collections/{collection_name}/memory", Right::kRead, WorkKind::kRead, HandleMemory},
    {kPut, "/collections/{collection_name}/index", Right::kManage, WorkKind::kManage, HandleCreateIndex},
    {kDelete, "/collections/{collection_name}/index/{field_name}", Right::kManage, WorkKind::kManage,
     HandleDeleteIndex},
    {kPut, "/collections/{collection_name}/vectors/{vector_name}", Right::kManage, WorkKind::kManage,
     HandleCreateVectorName},
    {kDelete, "/collections/{collection_name}/vectors/{vector_name}", Right::kManage, WorkKind::kManage,
     HandleDeleteVectorName},

    {kPut, "/collections/{collection_name}/points", Right::kWrite, WorkKind::kWrite, HandleUpsert},
    {kPost, "/collections/{collection_name}/points", Right::kRead, WorkKind::kRead, HandleRetrieve},
    {kPost, "/collections/{collection_name}/points/delete", Right::kWrite, WorkKind::kWrite, HandleDeletePoints},
    {kPost, "/collections/{collection_name}/points/batch", Right::kWrite, WorkKind::kWrite, HandleBatch},
    {kPut, "/collections/{collection_name}/points/vectors", Right::kWrite, WorkKind::kWrite, HandleUpdateVectors},
    {kPost, "/collections/{collection_name}/points/vectors/delete", Right::kWrite, WorkKind::kWrite,
     HandleDeleteVectors},
    {kPost, "/collections/{collection_name}/points/payload", Right::kWrite, WorkKind::kWrite, HandleSetPayload},
    {kPut, "/collections/{collection_name}/points/payload", Right::kWrite, WorkKind::kWrite, HandleOverwritePayload},
    {kPost, "/collections/{collection_name}/points/payload/delete", Right::kWrite, WorkKind::kWrite,
     HandleDeletePayload},
    {kPost, "/collections/{collection_name}/points/payload/clear", Right::kWrite, WorkKind::kWrite, HandleClearPayload},
    {kPost, "/collections/{collection_name}/points/scroll", Right::kRead, WorkKind::kRead, HandleScroll},
    {kPost, "/collections/{collection_name}/points/count", Right::kRead, WorkKind::kRead, HandleCount},
    {kPost, "/collections/{collection_name}/points/query", Right::kRead, WorkKind::kRead, HandleQuery},
    {kPost, "/collections/{collection_name}/points/query/batch", Right::kRead, WorkKind::kRead, HandleQueryBatch},
    {kPost, "/collections/{collection_name}/points/search", Right::kRead, WorkKind::kRead, HandleSearch},
    {kPost, "/collections/{collection_name}/points/search/batch", Right::kRead, WorkKind::kRead, HandleSearchBatch},
    {kGet, "/collections/{collection_name}/points/{id}", Right::kRead, WorkKind::kRead, HandleGetPoint},

    {kGet, "/v1/lineage/sessions", Right::kRead, WorkKind::kRead, HandleListSessions},
    {kPost, "/v1/lineage/sessions", Right::kWrite, WorkKind::kWrite, HandleOpenSession},
    {kGet, "/v1/lineage/sessions/{id}", Right::kRead, WorkKind::kRead, HandleGetSession},
    {kPost, "/v1/lineage/sessions/{id}/close", Right::kWrite, WorkKind::kWrite, HandleCloseSession},
    {kGet, "/v1/log/checkpoint", Right::kRead, WorkKind::kRead, HandleLogCheckpoint},
    {kGet, "/v1/log/key", Right::kRead, WorkKind::kRead, HandleLogKey},
    {kGet, "/v1/log/entries", Right::kRead, WorkKind::kRead, HandleLogEntries},
    {kGet, "/v1/log/proof", Right::kRead, WorkKind::kRead, HandleLogProof},
    {kGet, "/v1/log/consistency", Right::kRead, WorkKind::kRead, HandleLogConsistency},
    {kPost, "/v1/receipts/verify", Right::kRead, WorkKind::kRead, HandleVerifyReceipt},
    {kPost, "/v1/receipts/explain", Right::kRead, WorkKind::kRead, HandleExplainReceipt},
    {kPost, "/v1/receipts/replay", Right::kRead, WorkKind::kRead, HandleReplayReceipt},
    {kGet, "/v1/models/{model}/versions/{version}/impact", Right::kRead, WorkKind::kRead, HandleImpact},
    {kGet, "/v1/aliases", Right::kRead, WorkKind::kRead, HandleTargets},
    {kPut, "/v1/aliases/{alias}", Right::kManage, WorkKind::kManage, HandleMoveAlias},
    {kDelete, "/v1/aliases/{alias}", Right::kManage, WorkKind::kManage, HandleRemoveAlias},
    {kGet, "/v1/aliases/{alias}/moves", Right::kRead, WorkKind::kRead, HandleAliasMoves},
    {kGet, "/v1/spaces", Right::kRead, WorkKind::kRead, HandleListSpaces},
    {kPost, "/v1/spaces", Right::kManage, WorkKind::kManage, HandleRegisterSpace},
    {kGet, "/v1/spaces/{space}", Right::kRead, WorkKind::kRead, HandleGetSpace},
    {kPut, "/v1/spaces/{space}/canaries", Right::kManage, WorkKind::kManage, HandleSetCanaries},
    {kGet, "/v1/collections/{collection_name}/space", Right::kRead, WorkKind::kRead, HandleGetBinding},
    {kPut, "/v1/collections/{collection_name}/space", Right::kManage, WorkKind::kManage, HandleBindSpace},
    {kGet, "/v1/collections/{collection_name}/revisions", Right::kRead, WorkKind::kRead, HandleRevisions},
    {kPost, "/v1/collections/{collection_name}/revisions", Right::kWrite, WorkKind::kWrite, HandleMakeRevision},
    {kPut, "/v1/collections/{collection_name}/tags/{tag}", Right::kWrite, WorkKind::kWrite, HandleTag},
    {kDelete, "/v1/collections/{collection_name}/tags/{tag}", Right::kManage, WorkKind::kManage, HandleUntag},
    {kPost, "/v1/collections/{collection_name}/rollback", Right::kManage, WorkKind::kManage, HandleRollback},
    {kPost, "/v1/collections/{collection_name}/diff", Right::kRead, WorkKind::kRead, HandleDiff},
    {kGet, "/v1/collections/{collection_name}/origins", Right::kRead, WorkKind::kRead, HandleOrigins},
    {kPost, "/v1/collections/{collection_name}/origins/points", Right::kRead, WorkKind::kRead, HandlePointsOf},
    {kGet, "/v1/collections/{collection_name}/points/{id}/provenance", Right::kRead, WorkKind::kRead, HandleProvenance},

    {kGet, "/v1/openlineage/events", Right::kRead, WorkKind::kRead, HandleListLineageEvents},
    {kGet, "/v1/openlineage/events/{id}", Right::kRead, WorkKind::kRead, HandleGetLineageEvent},
    {kGet, "/v1/openlineage/rejects", Right::kRead, WorkKind::kRead, HandleListLineageRejects},
    {kGet, "/v1/exports/openlineage/sessions/{id}", Right::kRead, WorkKind::kRead, HandleExportSession},
    {kGet, "/v1/schemas/{name}", kOpen, kHere, HandleFacetSchema},

    // Events may wait for each other, and so never hold a thread of writes.
    {kPost, "/api/v1/lineage", Right::kWrite, WorkKind::kManage, HandleLineageEvent},
    {kPost, "/api/v1/lineage/batch", Right::kWrite, WorkKind::kManage, HandleLineageBatch},
    {kGet, "/api/v1/lineage", Right::kRead, WorkKind::kRead, HandleOpenLineage<openlineage::Graph>},
    {kGet, "/api/v1/events/lineage", Right::kRead, WorkKind::kRead, HandleOpenLineage<openlineage::Events>},
    {kGet, "/api/v1/namespaces", Right::kRead, WorkKind::kRead, HandleOpenLineage<openlineage::Namespaces>},
    {kGet, "/api/v1/namespaces/{namespace}/datasets", Right::kRead, WorkKind::kRead,
     HandleOpenLineage<openlineage::Datasets>},
    {kGet, "/api/v1/namespaces/{namespace}/datasets/{dataset}", Right::kRead, WorkKind::kRead,
     HandleOpenLineage<openlineage::Dataset>},
    {kGet, "/api/v1/namespaces/{namespace}/datasets/{dataset}/versions", Right::kRead, WorkKind::kRead,
     HandleOpenLineage<openlineage::Versions>},
    {kGet, "/api/v1/namespaces/{namespace}/jobs", Right::kRead, WorkKind::kRead, HandleOpenLineage<openlineage::Jobs>},
    {kGet, "/api/v1/namespaces/{namespace}/jobs/{job}", Right::kRead, WorkKind::kRead,
     HandleOpenLineage<openlineage::Job>},
    {kGet, "/api/v1/namespaces/{namespace}/jobs/{job}/runs", Right::kRead, WorkKind::kRead,
     HandleOpenLineage<openlineage::Runs>},
    {kGet, "/api/v1/jobs/runs/{run}", Right::kRead, WorkKind::kRead, HandleOpenLineage<openlineage::Run>},
    {kPost, "/v1/erasures", Right::kManage, WorkKind::kManage, HandleErase},
    {kGet, "/v1/erasures", Right::kManage, WorkKind::kManage, HandleListErasures},
    {kGet, "/v1/erasures/{id}", Right::kManage, WorkKind::kManage, HandleGetErasure},

    {kGet, "/v1/models", Right::kRead, WorkKind::kRead, HandleListModels},
    {kGet, "/v1/models/{model}/versions/{version}", Right::kRead, WorkKind::kRead, HandleGetModelVersion},
    {kPost, "/v1/models/{model}/versions/{version}/withdraw", Right::kManage, WorkKind::kManage, HandleWithdraw},
    {kGet, "/v1/models/{model}/aliases/{alias}/moves", Right::kRead, WorkKind::kRead, HandleModelAliasMoves},

    {kPost, "/api/2.0/mlflow/registered-models/create", Right::kWrite, WorkKind::kWrite,
     HandleMlflow<mlflow::CreateModel>},
    {kPost, "/api/2.0/mlflow/registered-models/rename", Right::kManage, WorkKind::kManage,
     HandleMlflow<mlflow::RenameModel>},
    {kPatch, "/api/2.0/mlflow/registered-models/update", Right::kWrite, WorkKind::kWrite,
     HandleMlflow<mlflow::UpdateModel>},
    {kDelete, "/api/2.0/mlflow/registered-models/delete", Right::kManage, WorkKind::kManage,
     HandleMlflow<mlflow::DeleteModel>},
    {kGet, "/api/2.0/mlflow/registered-models/get", Right::kRead, WorkKind::kRead, HandleMlflow<mlflow::GetModel>},
    {kGet, "/api/2.0/mlflow/registered-models/search", Right::kRead, WorkKind::kRead,
     HandleMlflow<mlflow::SearchModels>},
    {kPost, "/api/2.0/mlflow/registered-models/get-latest-versions", Right::kRead, WorkKind::kRead,
     HandleMlflow<mlflow::GetLatestVersions>},
    {kGet, "/api/2.0/mlflow/registered-models/get-latest-versions", Right::kRead, WorkKind::kRead,
     HandleMlflow<mlflow::GetLatestVersions>},
    {kPost, "/api/2.0/mlflow/registered-models/set-tag", Right::kWrite, WorkKind::kWrite,
     HandleMlflow<mlflow::SetModelTag>},
    {kDelete, "/api/2.0/mlflow/registered-models/delete-tag", Right::kWrite, WorkKind::kWrite,
     HandleMlflow<mlflow::DeleteModelTag>},
    {kPost, "/api/2.0/mlflow/registered-models/alias", Right::kManage, WorkKind::kManage,
     HandleMlflow<mlflow::SetAlias>},
    {kDelete, "/api/2.0/mlflow/registered-models/alias", Right::kManage, WorkKind::kManage,
     HandleMlflow<mlflow::DeleteAlias>},
    {kGet, "/api/2.0/mlflow/registered-models/alias", Right::kRead, WorkKind::kRead,
     HandleMlflow<mlflow::GetVersionByAlias>},
    {kPost, "/api/2.0/mlflow/model-versions/create", Right::kWrite, WorkKind::kWrite,
     HandleMlflow<mlflow::CreateVersion>},
    {kPatch, "/api/2.0/mlflow/model-versions/update", Right::kWrite, WorkKind::kWrite,
     HandleMlflow<mlflow::UpdateVersion>},
    {kPost, "/api/2.0/mlflow/model-versions/transition-stage", Right::kManage, WorkKind::kManage,
     HandleMlflow<mlflow::TransitionStage>},
    {kDelete, "/api/2.0/mlflow/model-versions/delete", Right::kManage, WorkKind::kManage,
     HandleMlflow<mlflow::DeleteVersion>},
    {kGet, "/api/2.0/mlflow/model-versions/get", Right::kRead, WorkKind::kRead, HandleMlflow<mlflow::GetVersion>},
    {kGet, "/api/2.0/mlflow/model-versions/search", Right::kRead, WorkKind::kRead,
     HandleMlflow<mlflow::SearchVersions>},
    {kGet, "/api/2.0/mlflow/model-versions/get-download-uri", Right::kRead, WorkKind::kRead,
     HandleMlflow<mlflow::GetDownloadUri>},
    {kPost, "/api/2.0/mlflow/model-versions/set-tag", Right::kWrite, WorkKind::kWrite,
     HandleMlflow<mlflow::SetVersionTag>},
    {kDelete, "/api/2.0/mlflow/model-versions/delete-tag", Right::kWrite, WorkKind::kWrite,
     HandleMlflow<mlflow::DeleteVersionTag>},
};

// Whether `segments` fit the template; then its variable parts are in `params`.
bool Fits(std::string_view path, const std::vector<std::string>& segments, std::vector<std::string>* params) {
  params->clear();
  size_t next = 0;
  path.remove_prefix(1);
  while (!path.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (next == segments.size()) return false;
    if (part.front() == '{') {
      params->push_back(segments[next++]);
    } else if (segments[next++] != part) {
      return false;
    }
  }
  return next == segments.size();
}

}  // namespace

std::span<const Route> Routes() { return kRoutes; }

RouteMatch MatchRoute(HttpMethod method, const std::vector<std::string>& segments) {
  if (method == HttpMethod::kHead) method = HttpMethod::kGet;
  RouteMatch out;
  std::vector<std::string> params;
  for (const Route& route : kRoutes) {
    if (!Fits(route.path, segments, &params)) continue;
    if (route.method == method) {
      out.route = &route;
      out.params = std::move(params);
      return out;
    }
    if (!out.allowed.empty()) out.allowed.append(", ");
    out.allowed.append(NameOf(route.method));
  }
  return out;
}

}  // namespace lineal::server
