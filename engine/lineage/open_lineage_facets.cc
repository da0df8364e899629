#include "engine/lineage/open_lineage_facets.h"

namespace lineal::engine {
namespace {

constexpr LineageFacetUse kUses[] = {
    {"run", "agentAttribution", false},
    {"run", "environmentVariables", false},
    {"run", "errorMessage", false},
    {"run", "executionParameters", false},
    {"run", "externalQuery", false},
    {"run", "extractionError", false},
    {"run", "jobDependencies", false},
    {"run", "lineage", false},
    {"run", "nominalTime", true},
    {"run", "parent", true},
    {"run", "processing_engine", false},
    {"run", "tags", false},
    {"run", "test", false},
    {"job", "documentation", true},
    {"job", "jobType", true},
    {"job", "lineage", true},
    {"job", "ownership", false},
    {"job", "sourceCode", false},
    {"job", "sourceCodeLocation", true},
    {"job", "sql", false},
    {"job", "tags", false},
    {"dataset", "catalog", false},
    {"dataset", "columnLineage", true},
    {"dataset", "dataQualityAssertions", false},
    {"dataset", "dataQualityMetrics", false},
    {"dataset", "dataSource", true},
    {"dataset", "datasetType", true},
    {"dataset", "documentation", true},
    {"dataset", "hierarchy", false},
    {"dataset", "lifecycleStateChange", true},
    {"dataset", "lineage", true},
    {"dataset", "ownership", false},
    {"dataset", "schema", true},
    {"dataset", "storage", false},
    {"dataset", "symlinks", true},
    {"dataset", "tags", false},
    {"dataset", "version", true},
    {"input", "dataQualityAssertions", false},
    {"input", "dataQualityMetrics", false},
    {"input", "icebergScanReport", false},
    {"input", "inputStatistics", false},
    {"input", "subset", false},
    {"output", "icebergCommitReport", false},
    {"output", "outputStatistics", false},
    {"output", "subset", false},
};

}  // namespace

std::span<const LineageFacetUse> LineageFacetUses() { return kUses; }

}  // namespace lineal::engine
