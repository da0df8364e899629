#include "server/core/metrics.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <shared_mutex>

#include "base/clock.h"
#include "base/strings.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "prometheus/text_serializer.h"
#include "server/core/metric_families.h"
#include "server/core/version.h"

namespace lineal::server {
namespace {

// Series are bounded whatever callers pass: what comes after the first so many is counted together.
constexpr size_t kSeriesMax = 2048;
constexpr std::array<std::string_view, 8> kMethods = {"GET",   "PUT",     "POST", "DELETE",
                                                      "PATCH", "OPTIONS", "HEAD", "call"};

const prometheus::Histogram::BucketBoundaries kSeconds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                          0.1,    0.25,  0.5,    1,     2.5,  5,     10};

std::string_view LabelOf(const prometheus::ClientMetric& metric, std::string_view name) {
  for (const auto& label : metric.label) {
    if (label.name == name) return label.value;
  }
  return {};
}

// The request histogram once more under the names that dashboards made for Qdrant look for.
void AppendAliases(const prometheus::MetricFamily& requests, const std::string& protocol,
                   std::vector<prometheus::MetricFamily>* out) {
  FamilyBuilder total(protocol + "_responses_total", "total number of responses", prometheus::MetricType::Counter);
  FamilyBuilder average(protocol + "_responses_avg_duration_seconds", "average response duration");
  prometheus::MetricFamily durations{
      protocol + "_responses_duration_seconds", "response duration histogram", prometheus::MetricType::Histogram, {}};
  for (const prometheus::ClientMetric& metric : requests.metric) {
    if (LabelOf(metric, "protocol") != protocol) continue;
    MetricLabels labels;
    for (const auto& label : metric.label) {
      if (label.name == "protocol" || (label.name == "method" && protocol == "grpc")) continue;
      labels.emplace_back(label.name, label.value);
    }
    const double count = static_cast<double>(metric.histogram.sample_count);
    total.Add(labels, count);
    average.Add(labels, count > 0 ? metric.histogram.sample_sum / count : 0);
    prometheus::ClientMetric copy = metric;
    copy.label.clear();
    for (const auto& [name, value] : labels) copy.label.push_back({name, value});
    durations.metric.push_back(std::move(copy));
  }
  total.AppendTo(out);
  average.AppendTo(out);
  if (!durations.metric.empty()) out->push_back(std::move(durations));
}

}  // namespace

struct ServerMetrics::Rep {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Histogram>& requests = prometheus::BuildHistogram()
                                                            .Name("lineal_request_duration_seconds")
                                                            .Help("Time from a request's arrival to its answer")
                                                            .Register(registry);
  prometheus::Family<prometheus::Gauge>& connections =
      prometheus::BuildGauge().Name("lineal_connections_open").Help("Open connections by protocol").Register(registry);
  prometheus::Family<prometheus::Counter>& refused = prometheus::BuildCounter()
                                                         .Name("lineal_refused_total")
                                                         .Help("Requests and connections refused, by reason")
                                                         .Register(registry);
  prometheus::Counter& searches = prometheus::BuildCounter()
                                      .Name("lineal_searches_total")
                                      .Help("Searches that the engine ran")
                                      .Register(registry)
                                      .Add({});
  prometheus::Counter& search_cpu = prometheus::BuildCounter()
                                        .Name("lineal_search_cpu_seconds_total")
                                        .Help("Processor time of the engine in searches, without their protocol")
                                        .Register(registry)
                                        .Add({});
  const int64_t started_ns = SystemClock()->MonotonicNs();

  std::shared_mutex mutex;
  StringMap<prometheus::Histogram*> series;  // by protocol, method, endpoint and status

  prometheus::Histogram& Series(std::string_view protocol, std::string_view method, std::string_view endpoint,
                                int status) {
    const std::string key = StrCat(protocol, "\n", method, "\n", endpoint, "\n", status);
    {
      std::shared_lock lock(mutex);
      if (auto it = series.find(key); it != series.end()) return *it->second;
    }
    std::unique_lock lock(mutex);
    const bool full = series.size() >= kSeriesMax;
    auto& histogram = requests.Add({{"protocol", std::string(protocol)},
                                    {"method", std::string(full ? "other" : method)},
                                    {"endpoint", std::string(full ? "other" : endpoint)},
                                    {"status", StrCat(status)}},
                                   kSeconds);
    if (!full) series.emplace(key, &histogram);
    return histogram;
  }
};

ServerMetrics::ServerMetrics() : rep_(std::make_unique<Rep>()) {}
ServerMetrics::~ServerMetrics() = default;

void ServerMetrics::ObserveRequest(std::string_view protocol, std::string_view method, std::string_view endpoint,
                                   int status, double seconds) {
  const bool known = protocol == "grpc" || std::ranges::find(kMethods, method) != kMethods.end();
  rep_->Series(protocol, known ? method : "other", endpoint, status).Observe(seconds);
}

void ServerMetrics::SetConnections(std::string_view protocol, int64_t open) {
  rep_->connections.Add({{"protocol", std::string(protocol)}}).Set(static_cast<double>(open));
}

void ServerMetrics::CountRefused(std::string_view reason) {
  rep_->refused.Add({{"reason", std::string(reason)}}).Increment();
}

void ServerMetrics::CountSearch(double cpu_seconds) {
  rep_->searches.Increment();
  rep_->search_cpu.Increment(cpu_seconds);
}

std::string ServerMetrics::Render(engine::Database& database) {
  std::vector<prometheus::MetricFamily> families;
  FamilyBuilder("app_info", "information about qdrant server")
      .Add({{"name", "qdrant"}, {"version", kDialectVersion}}, 1)
      .AppendTo(&families);
  FamilyBuilder("lineal_build_info", "The build: its version and commit")
      .Add({{"version", kLinealVersion}, {"commit", kCommit}}, 1)
      .AppendTo(&families);
  FamilyBuilder("lineal_uptime_seconds", "Seconds since the server started")
      .Add({}, 1e-9 * static_cast<double>(SystemClock()->MonotonicNs() - rep_->started_ns))
      .AppendTo(&families);
  AppendDatabaseFamilies(database, &families);
  AppendProcessFamilies(&families);
  for (prometheus::MetricFamily& family : rep_->registry.Collect()) {
    if (family.metric.empty()) continue;
    if (family.name == "lineal_request_duration_seconds") {
      AppendAliases(family, "rest", &families);
      AppendAliases(family, "grpc", &families);
    }
    families.push_back(std::move(family));
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace lineal::server
