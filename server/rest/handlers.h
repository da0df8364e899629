// What each path does, grouped by the files handlers_*.cc. All read their body, ask the engine, write the result.
#pragma once

#include "server/rest/rest_call.h"

namespace lineal::server {

// handlers_service.cc
absl::Status HandleVersion(RestCall& call, JsonWriter* result);
absl::Status HandleHealth(RestCall& call, JsonWriter* result);
absl::Status HandleLive(RestCall& call, JsonWriter* result);
absl::Status HandleReady(RestCall& call, JsonWriter* result);
absl::Status HandleMetrics(RestCall& call, JsonWriter* result);
absl::Status HandleTelemetry(RestCall& call, JsonWriter* result);
absl::Status HandleIssues(RestCall& call, JsonWriter* result);
absl::Status HandleClearIssues(RestCall& call, JsonWriter* result);
absl::Status HandleCluster(RestCall& call, JsonWriter* result);

// handlers_collections.cc
absl::Status HandleListCollections(RestCall& call, JsonWriter* result);
absl::Status HandleGetCollection(RestCall& call, JsonWriter* result);
absl::Status HandleCreateCollection(RestCall& call, JsonWriter* result);
absl::Status HandleUpdateCollection(RestCall& call, JsonWriter* result);
absl::Status HandleDeleteCollection(RestCall& call, JsonWriter* result);
absl::Status HandleCollectionExists(RestCall& call, JsonWriter* result);
absl::Status HandleCollectionCluster(RestCall& call, JsonWriter* result);
absl::Status HandleOptimizations(RestCall& call, JsonWriter* result);
absl::Status HandleMemory(RestCall& call, JsonWriter* result);
absl::Status HandleCreateIndex(RestCall& call, JsonWriter* result);
absl::Status HandleDeleteIndex(RestCall& call, JsonWriter* result);
absl::Status HandleCreateVectorName(RestCall& call, JsonWriter* result);
absl::Status HandleDeleteVectorName(RestCall& call, JsonWriter* result);
absl::Status HandleChangeAliases(RestCall& call, JsonWriter* result);
absl::Status HandleListAliases(RestCall& call, JsonWriter* result);
absl::Status HandleCollectionAliases(RestCall& call, JsonWriter* result);

// handlers_lineage.cc
absl::Status HandleListSessions(RestCall& call, JsonWriter* result);
absl::Status HandleOpenSession(RestCall& call, JsonWriter* result);
absl::Status HandleGetSession(RestCall& call, JsonWriter* result);
absl::Status HandleCloseSession(RestCall& call, JsonWriter* result);
absl::Status HandleRevisions(RestCall& call, JsonWriter* result);
absl::Status HandleMakeRevision(RestCall& call, JsonWriter* result);
absl::Status HandleTag(RestCall& call, JsonWriter* result);
absl::Status HandleUntag(RestCall& call, JsonWriter* result);
absl::Status HandleRollback(RestCall& call, JsonWriter* result);
absl::Status HandleDiff(RestCall& call, JsonWriter* result);
absl::Status HandleOrigins(RestCall& call, JsonWriter* result);
absl::Status HandlePointsOf(RestCall& call, JsonWriter* result);
absl::Status HandleProvenance(RestCall& call, JsonWriter* result);

// handlers_erasures.cc
absl::Status HandleErase(RestCall& call, JsonWriter* result);
absl::Status HandleListErasures(RestCall& call, JsonWriter* result);
absl::Status HandleGetErasure(RestCall& call, JsonWriter* result);

// handlers_audit.cc
absl::Status HandleLogCheckpoint(RestCall& call, JsonWriter* result);
absl::Status HandleLogKey(RestCall& call, JsonWriter* result);
absl::Status HandleLogEntries(RestCall& call, JsonWriter* result);
absl::Status HandleLogProof(RestCall& call, JsonWriter* result);
absl::Status HandleLogConsistency(RestCall& call, JsonWriter* result);

// handlers_receipts.cc
absl::Status HandleVerifyReceipt(RestCall& call, JsonWriter* result);
absl::Status HandleExplainReceipt(RestCall& call, JsonWriter* result);
absl::Status HandleReplayReceipt(RestCall& call, JsonWriter* result);

// handlers_models.cc
absl::Status HandleListModels(RestCall& call, JsonWriter* result);
absl::Status HandleGetModelVersion(RestCall& call, JsonWriter* result);
absl::Status HandleWithdraw(RestCall& call, JsonWriter* result);
absl::Status HandleImpact(RestCall& call, JsonWriter* result);
absl::Status HandleModelAliasMoves(RestCall& call, JsonWriter* result);

// handlers_aliases.cc
absl::Status HandleTargets(RestCall& call, JsonWriter* result);
absl::Status HandleMoveAlias(RestCall& call, JsonWriter* result);
absl::Status HandleRemoveAlias(RestCall& call, JsonWriter* result);
absl::Status HandleAliasMoves(RestCall& call, JsonWriter* result);

// handlers_spaces.cc
absl::Status HandleListSpaces(RestCall& call, JsonWriter* result);
absl::Status HandleRegisterSpace(RestCall& call, JsonWriter* result);
absl::Status HandleGetSpace(RestCall& call, JsonWriter* result);
absl::Status HandleSetCanaries(RestCall& call, JsonWriter* result);
absl::Status HandleGetBinding(RestCall& call, JsonWriter* result);
absl::Status HandleBindSpace(RestCall& call, JsonWriter* result);

// handlers_writes.cc
absl::Status HandleUpsert(RestCall& call, JsonWriter* result);
absl::Status HandleDeletePoints(RestCall& call, JsonWriter* result);
absl::Status HandleUpdateVectors(RestCall& call, JsonWriter* result);
absl::Status HandleDeleteVectors(RestCall& call, JsonWriter* result);
absl::Status HandleSetPayload(RestCall& call, JsonWriter* result);
absl::Status HandleOverwritePayload(RestCall& call, JsonWriter* result);
absl::Status HandleDeletePayload(RestCall& call, JsonWriter* result);
absl::Status HandleClearPayload(RestCall& call, JsonWriter* result);
absl::Status HandleBatch(RestCall& call, JsonWriter* result);

// handlers_reads.cc
absl::Status HandleGetPoint(RestCall& call, JsonWriter* result);
absl::Status HandleRetrieve(RestCall& call, JsonWriter* result);
absl::Status HandleScroll(RestCall& call, JsonWriter* result);
absl::Status HandleCount(RestCall& call, JsonWriter* result);
absl::Status HandleQuery(RestCall& call, JsonWriter* result);
absl::Status HandleQueryBatch(RestCall& call, JsonWriter* result);
absl::Status HandleSearch(RestCall& call, JsonWriter* result);
absl::Status HandleSearchBatch(RestCall& call, JsonWriter* result);

// handlers_openlineage.cc
absl::Status HandleListLineageEvents(RestCall& call, JsonWriter* result);
absl::Status HandleGetLineageEvent(RestCall& call, JsonWriter* result);
absl::Status HandleListLineageRejects(RestCall& call, JsonWriter* result);
absl::Status HandleExportSession(RestCall& call, JsonWriter* result);
absl::Status HandleFacetSchema(RestCall& call, JsonWriter* result);

}  // namespace lineal::server
