#include "bench/ann/peer_contender.h"

#include "base/coding.h"
#include "base/file_system.h"
#include "base/status.h"
#include "base/temporary_directory.h"
#include "bench/peers/peer_job.h"

namespace lineal::bench {
namespace {

class Peer final : public Contender {
 public:
  explicit Peer(const char* name) : name_(name) {}
  std::string name() const override { return name_; }

  absl::StatusOr<BuildCost> Build(const DataSet& data, const BuildSettings& settings) override {
    folder_ = std::make_unique<TemporaryDirectory>();
    LINEAL_ASSIGN_OR_RETURN(
        process_, StartPeer(name_, folder_->path(), data, {settings.m, settings.ef_construct, settings.threads}));
    LINEAL_ASSIGN_OR_RETURN(const nlohmann::json built, process_->Read());
    try {
      widths_ = built.at("widths").get<std::vector<size_t>>();
      refines_ = built.at("refines").get<std::vector<size_t>>();
      effort_names_ = built.at("effort_names").get<std::vector<std::string>>();
      effort_names_.resize(2);
      return BuildCost{built.at("build_s"), built.at("build_cpu_s"), built.at("memory_mb")};
    } catch (const nlohmann::json::exception& error) {
      return Unavailable("its program answered ", built.dump(), ": ", error.what());
    }
  }

  std::vector<size_t> Widths() const override { return widths_; }
  std::vector<size_t> Refines() const override { return refines_; }
  std::pair<const char*, const char*> EffortNames() const override {
    return {effort_names_[0].c_str(), effort_names_[1].c_str()};
  }

  absl::StatusOr<double> Search(const Matrix& queries, Effort effort, size_t k, uint32_t* ids) override {
    LINEAL_ASSIGN_OR_RETURN(const double seconds, Number({{"search", Question(effort, k)}}, "cpu_s"));
    LINEAL_ASSIGN_OR_RETURN(const std::string bytes, PosixFileSystem()->ReadFile(folder_->path() + "/answers.ibin"));
    const size_t count = queries.rows() * k;
    if (bytes.size() != 8 + 4 * count) {
      return Unavailable("its program wrote ", bytes.size(), " bytes of answers, expected are ", 8 + 4 * count);
    }
    for (size_t i = 0; i < count; ++i) ids[i] = LoadFixed<uint32_t>(bytes.data() + 8 + 4 * i);
    return seconds;
  }

  absl::StatusOr<std::optional<double>> SearchTogether(const Matrix&, Effort effort, size_t k,
                                                       size_t threads) override {
    nlohmann::json question = Question(effort, k);
    question["threads"] = threads;
    LINEAL_ASSIGN_OR_RETURN(const double rate, Number({{"together", question}}, "qps"));
    return rate > 0 ? std::optional<double>(rate) : std::nullopt;
  }

 private:
  static nlohmann::json Question(Effort effort, size_t k) {
    return {{"width", effort.width}, {"refine", effort.refine}, {"k", k}};
  }
  absl::StatusOr<double> Number(const nlohmann::json& question, const char* key) {
    LINEAL_ASSIGN_OR_RETURN(const nlohmann::json answer, process_->Ask(question));
    const auto found = answer.find(key);
    if (found == answer.end() || !found->is_number()) return Unavailable("its program answered ", answer.dump());
    return found->get<double>();
  }

  const std::string name_;
  std::unique_ptr<TemporaryDirectory> folder_;  // outlives the process
  std::unique_ptr<PeerProcess> process_;
  std::vector<size_t> widths_, refines_;
  std::vector<std::string> effort_names_{"", ""};
};

}  // namespace

std::unique_ptr<Contender> MakeUsearch() { return std::make_unique<Peer>("usearch"); }
std::unique_ptr<Contender> MakeZvec() { return std::make_unique<Peer>("zvec"); }
std::unique_ptr<Contender> MakeLancedb() { return std::make_unique<Peer>("lancedb"); }
std::unique_ptr<Contender> MakeChroma() { return std::make_unique<Peer>("chroma"); }

}  // namespace lineal::bench
