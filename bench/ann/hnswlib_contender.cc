// Compiled with -O3 -march=native, as its authors recommend; hnswlib chooses its SIMD by those flags.
#include <hnswlib/hnswlib.h>

#include <atomic>

#include "bench/ann/local_contender.h"
#include "bench/ann/local_libraries.h"

namespace lineal::bench {
namespace {

class Hnswlib final : public LocalContender {
 public:
  std::string name() const override { return "hnswlib"; }

  std::vector<size_t> Widths() const override { return BeamWidths(); }
  std::pair<const char*, const char*> EffortNames() const override { return {"ef_search", ""}; }

 protected:
  absl::Status BuildIndex(const DataSet& data, const BuildSettings& settings) override {
    if (data.distance == index::Distance::kL2) {
      space_ = std::make_unique<hnswlib::L2Space>(data.base.dim);
    } else {
      space_ = std::make_unique<hnswlib::InnerProductSpace>(data.base.dim);
    }
    index_ = std::make_unique<hnswlib::HierarchicalNSW<float>>(space_.get(), data.base.rows(), settings.m,
                                                               settings.ef_construct);
    std::atomic<size_t> next{1};
    index_->addPoint(data.base.row(0), 0);
    const auto work = [&](size_t) {
      for (size_t i; (i = next.fetch_add(1)) < data.base.rows();) index_->addPoint(data.base.row(i), i);
    };
    if (settings.executor != nullptr) {
      settings.executor->ParallelFor(settings.threads, work);
    } else {
      work(0);
    }
    return absl::OkStatus();
  }

  void SetEffort(Effort effort) override { index_->setEf(effort.width); }
  void SearchOne(const float* query, size_t k, uint32_t* ids) override {
    auto found = index_->searchKnn(query, k);
    std::fill(ids, ids + k, ~uint32_t{0});
    for (; !found.empty(); found.pop()) ids[found.size() - 1] = static_cast<uint32_t>(found.top().second);
  }

 private:
  std::unique_ptr<hnswlib::SpaceInterface<float>> space_;
  std::unique_ptr<hnswlib::HierarchicalNSW<float>> index_;
};

}  // namespace

std::unique_ptr<Contender> MakeHnswlib() { return std::make_unique<Hnswlib>(); }

}  // namespace lineal::bench
