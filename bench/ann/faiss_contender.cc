// The packaged library, which is built for the oldest x86-64 and chooses AVX2 at most.
#include <faiss/IndexFlat.h>
#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/IndexIVFPQFastScan.h>
#include <faiss/IndexRefine.h>
#include <faiss/index_factory.h>
#include <omp.h>

#include <cmath>

#include "base/status.h"
#include "bench/ann/local_contender.h"
#include "bench/ann/local_libraries.h"

namespace lineal::bench {
namespace {

faiss::MetricType MetricOf(const DataSet& data) {
  return data.distance == index::Distance::kL2 ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT;
}

size_t ListsFor(size_t rows) { return std::max<size_t>(1, static_cast<size_t>(2 * std::sqrt(rows))); }

class Faiss : public LocalContender {
 protected:
  virtual void BuildFaiss(const DataSet& data, const BuildSettings& settings) = 0;
  virtual const faiss::Index& index() const = 0;

  absl::Status BuildIndex(const DataSet& data, const BuildSettings& settings) final {
    omp_set_num_threads(static_cast<int>(settings.threads));
    try {
      BuildFaiss(data, settings);
    } catch (const std::exception& error) {
      return FailedPrecondition(error.what());
    }
    omp_set_num_threads(1);
    return absl::OkStatus();
  }
  void SearchOne(const float* query, size_t k, uint32_t* ids) final {
    // Every thread has an OpenMP setting of its own.
    thread_local const bool alone = (omp_set_num_threads(1), true);
    (void)alone;
    std::vector<float> distances(k);
    std::vector<faiss::Index::idx_t> labels(k);
    index().search(1, query, static_cast<faiss::Index::idx_t>(k), distances.data(), labels.data());
    for (size_t i = 0; i < k; ++i) ids[i] = static_cast<uint32_t>(labels[i]);
  }
};

class FaissHnsw final : public Faiss {
 public:
  std::string name() const override { return "faiss-hnsw"; }
  std::vector<size_t> Widths() const override { return BeamWidths(); }
  std::pair<const char*, const char*> EffortNames() const override { return {"ef_search", ""}; }

 protected:
  void BuildFaiss(const DataSet& data, const BuildSettings& settings) override {
    index_ = std::make_unique<faiss::IndexHNSWFlat>(static_cast<int>(data.base.dim), static_cast<int>(settings.m),
                                                    MetricOf(data));
    index_->hnsw.efConstruction = static_cast<int>(settings.ef_construct);
    index_->add(static_cast<faiss::Index::idx_t>(data.base.rows()), data.base.values.data());
  }
  void SetEffort(Effort effort) override { index_->hnsw.efSearch = static_cast<int>(effort.width); }
  const faiss::Index& index() const override { return *index_; }

 private:
  std::unique_ptr<faiss::IndexHNSWFlat> index_;
};

class FaissIvf final : public Faiss {
 public:
  std::string name() const override { return "faiss-ivf"; }
  std::vector<size_t> Widths() const override { return ProbeWidths(); }
  std::pair<const char*, const char*> EffortNames() const override { return {"nprobe", ""}; }

 protected:
  void BuildFaiss(const DataSet& data, const BuildSettings&) override {
    if (data.distance == index::Distance::kL2) {
      coarse_ = std::make_unique<faiss::IndexFlatL2>(data.base.dim);
    } else {
      coarse_ = std::make_unique<faiss::IndexFlatIP>(data.base.dim);
    }
    index_ =
        std::make_unique<faiss::IndexIVFFlat>(coarse_.get(), data.base.dim, ListsFor(data.base.rows()), MetricOf(data));
    const auto rows = static_cast<faiss::Index::idx_t>(data.base.rows());
    index_->train(rows, data.base.values.data());
    index_->add(rows, data.base.values.data());
  }
  void SetEffort(Effort effort) override { index_->nprobe = effort.width; }
  const faiss::Index& index() const override { return *index_; }

 private:
  std::unique_ptr<faiss::Index> coarse_;
  std::unique_ptr<faiss::IndexIVFFlat> index_;
};

// Lists scanned by 4-bit codes of two components each, the best refined by the vectors.
class FaissIvfPq final : public Faiss {
 public:
  std::string name() const override { return "faiss-ivfpq"; }
  std::vector<size_t> Widths() const override { return ProbeWidths(); }
  std::vector<size_t> Refines() const override { return {4, 16, 48}; }
  std::pair<const char*, const char*> EffortNames() const override { return {"nprobe", "k_factor"}; }

 protected:
  void BuildFaiss(const DataSet& data, const BuildSettings&) override {
    const size_t parts = data.base.dim % 2 == 0 ? data.base.dim / 2 : data.base.dim;
    const std::string recipe = StrCat("IVF", ListsFor(data.base.rows()), ",PQ", parts, "x4fs,RFlat");
    index_.reset(faiss::index_factory(static_cast<int>(data.base.dim), recipe.c_str(), MetricOf(data)));
    refine_ = dynamic_cast<faiss::IndexRefine*>(index_.get());
    lists_ = refine_ == nullptr ? nullptr : dynamic_cast<faiss::IndexIVFPQFastScan*>(refine_->base_index);
    if (lists_ == nullptr) throw std::runtime_error("the factory made another index of " + recipe);
    const auto rows = static_cast<faiss::Index::idx_t>(data.base.rows());
    index_->train(rows, data.base.values.data());
    index_->add(rows, data.base.values.data());
  }
  void SetEffort(Effort effort) override {
    lists_->nprobe = effort.width;
    refine_->k_factor = static_cast<float>(effort.refine);
  }
  const faiss::Index& index() const override { return *index_; }

 private:
  std::unique_ptr<faiss::Index> index_;
  faiss::IndexRefine* refine_ = nullptr;
  faiss::IndexIVFPQFastScan* lists_ = nullptr;
};

}  // namespace

std::unique_ptr<Contender> MakeFaissHnsw() { return std::make_unique<FaissHnsw>(); }
std::unique_ptr<Contender> MakeFaissIvf() { return std::make_unique<FaissIvf>(); }
std::unique_ptr<Contender> MakeFaissIvfPq() { return std::make_unique<FaissIvfPq>(); }

}  // namespace lineal::bench
