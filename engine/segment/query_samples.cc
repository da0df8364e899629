#include "engine/segment/query_samples.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/hash.h"

namespace lineal::engine {
namespace {

constexpr uint64_t kOneOf = 16;
constexpr double kMoved = 0.5;

std::vector<double> MeanOf(const std::vector<std::vector<float>>& queries) {
  std::vector<double> mean(queries.front().size());
  for (const std::vector<float>& query : queries) {
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += query[i] / static_cast<double>(queries.size());
  }
  return mean;
}

template <class A, class B>
double SquareDistance(const A& a, const B& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

}  // namespace

void QuerySamples::Offer(uint32_t vector_number, std::span<const float> values) {
  const uint64_t number = offered_.fetch_add(1, std::memory_order_relaxed);
  if (number >= kKept && number % kOneOf != 0) return;
  if (values.empty()) return;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return;
  Ring& ring = rings_[vector_number];
  const uint64_t hash = Hash64({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
  if (std::find(ring.hashes.begin(), ring.hashes.end(), hash) != ring.hashes.end()) return;
  const size_t kept = std::clamp<size_t>(kKeptBytes / values.size_bytes(), kEnough, kKept);
  std::vector<float> query(values.begin(), values.end());
  if (ring.queries.size() < kept) {
    ring.queries.push_back(std::move(query));
    ring.hashes.push_back(hash);
    if (ring.queries.size() == kEnough) Look(&ring);
    return;
  }
  ring.queries[ring.next] = std::move(query);
  ring.hashes[ring.next] = hash;
  ring.next = (ring.next + 1) % ring.queries.size();
  if (ring.next == 0) Look(&ring);
}

void QuerySamples::Look(Ring* ring) {
  std::vector<double> mean = MeanOf(ring->queries);
  if (!ring->mean.empty()) {
    double spread = 0;
    for (const std::vector<float>& query : ring->queries) {
      spread += SquareDistance(mean, query) / static_cast<double>(ring->queries.size());
    }
    if (SquareDistance(mean, ring->mean) <= kMoved * kMoved * spread) return;
  }
  ring->mean = std::move(mean);
  ++ring->generation;
}

std::vector<std::vector<float>> QuerySamples::Take(uint32_t vector_number) const {
  const std::lock_guard lock(mutex_);
  const auto it = rings_.find(vector_number);
  return it == rings_.end() ? std::vector<std::vector<float>>() : it->second.queries;
}

uint64_t QuerySamples::generation(uint32_t vector_number) const {
  const std::lock_guard lock(mutex_);
  const auto it = rings_.find(vector_number);
  return it == rings_.end() ? 0 : it->second.generation;
}

}  // namespace lineal::engine
