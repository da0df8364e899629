// The packaged library, which is built for the oldest x86-64 and chooses AVX2 at most.
#include <faiss/IndexFlat.h>
#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVFFlat.h>
#include <omp.h>

#include <cmath>

#include "bench/ann/contender.h"

namespace lineal::bench {
namespace {

faiss::MetricType MetricOf(const DataSet& data) {
  return data.distance == index::Distance::kL2 ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT;
}

void SearchOne(const faiss::Index& index, const float* query, size_t k, uint32_t* ids) {
  std::vector<float> distances(k);
  std::vector<faiss::Index::idx_t> labels(k);
  index.search(1, query, static_cast<faiss::Index::idx_t>(k), distances.data(), labels.data());
  for (size_t i = 0; i < k; ++i) ids[i] = static_cast<uint32_t>(labels[i]);
}

class FaissHnsw final : public Contender {
 public:
  std::string name() const override { return "faiss hnsw"; }
  void Build(const DataSet& data, const BuildSettings& settings) override {
    omp_set_num_threads(static_cast<int>(settings.threads));
    index_ = std::make_unique<faiss::IndexHNSWFlat>(static_cast<int>(data.base.dim), static_cast<int>(settings.m),
                                                    MetricOf(data));
    index_->hnsw.efConstruction = static_cast<int>(settings.ef_construct);
    index_->add(static_cast<faiss::Index::idx_t>(data.base.rows()), data.base.values.data());
    omp_set_num_threads(1);
  }
  std::vector<size_t> Widths() const override { return BeamWidths(); }
  void SetWidth(size_t width) override { index_->hnsw.efSearch = static_cast<int>(width); }
  void Search(const float* query, size_t k, uint32_t* ids) override { SearchOne(*index_, query, k, ids); }

 private:
  std::unique_ptr<faiss::IndexHNSWFlat> index_;
};

class FaissIvf final : public Contender {
 public:
  std::string name() const override { return "faiss ivf"; }
  void Build(const DataSet& data, const BuildSettings& settings) override {
    omp_set_num_threads(static_cast<int>(settings.threads));
    const auto lists = static_cast<size_t>(2 * std::sqrt(data.base.rows()));
    if (data.distance == index::Distance::kL2) {
      coarse_ = std::make_unique<faiss::IndexFlatL2>(data.base.dim);
    } else {
      coarse_ = std::make_unique<faiss::IndexFlatIP>(data.base.dim);
    }
    index_ = std::make_unique<faiss::IndexIVFFlat>(coarse_.get(), data.base.dim, lists, MetricOf(data));
    const auto rows = static_cast<faiss::Index::idx_t>(data.base.rows());
    index_->train(rows, data.base.values.data());
    index_->add(rows, data.base.values.data());
    omp_set_num_threads(1);
  }
  std::vector<size_t> Widths() const override { return {1, 2, 4, 8, 16, 32, 64, 128}; }
  void SetWidth(size_t width) override { index_->nprobe = width; }
  void Search(const float* query, size_t k, uint32_t* ids) override { SearchOne(*index_, query, k, ids); }

 private:
  std::unique_ptr<faiss::Index> coarse_;
  std::unique_ptr<faiss::IndexIVFFlat> index_;
};

}  // namespace

std::unique_ptr<Contender> MakeFaissHnsw() { return std::make_unique<FaissHnsw>(); }
std::unique_ptr<Contender> MakeFaissIvf() { return std::make_unique<FaissIvf>(); }

}  // namespace lineal::bench
