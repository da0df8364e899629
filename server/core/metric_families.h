// What the server reads anew for each scrape: the state of the database and of the process, as Prometheus families.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/api/database.h"
#include "prometheus/metric_family.h"

namespace lineal::server {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

// One family of gauges or counters in the making.
class FamilyBuilder {
 public:
  FamilyBuilder(std::string name, std::string help, prometheus::MetricType type = prometheus::MetricType::Gauge);
  FamilyBuilder& Add(const MetricLabels& labels, double value);
  // Moves the family to the end of `out`, unless it is empty.
  void AppendTo(std::vector<prometheus::MetricFamily>* out);

 private:
  prometheus::MetricFamily family_;
};

// Collections, points, segments, optimizer, memory by owner.
void AppendDatabaseFamilies(engine::Database& database, std::vector<prometheus::MetricFamily>* out);
// Resident and allocated memory, descriptors, threads, page faults, processor time.
void AppendProcessFamilies(std::vector<prometheus::MetricFamily>* out);

}  // namespace lineal::server
