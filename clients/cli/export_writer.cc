#include "clients/cli/export_writer.h"

#include <vector>

#include "base/coding.h"
#include "base/status.h"
#include "clients/cli/npy_header.h"
#include "clients/cli/output_file.h"
#include "clients/cli/record_shape.h"
#include "engine/payload/json.h"

namespace lineal::cli {
namespace {

using engine::Value;

std::string PointLine(const Value& point, bool with_vector) {
  std::string line = "{\"id\":";
  const Value null;
  const auto append = [&](std::string_view key) {
    const Value* value = point.Find(key);
    engine::AppendJson(&line, value == nullptr ? null : *value);
  };
  append("id");
  if (with_vector) {
    line += ",\"vector\":";
    append("vector");
  }
  line += ",\"payload\":";
  append("payload");
  line += "}\n";
  return line;
}

class JsonLinesWriter final : public ExportWriter {
 public:
  JsonLinesWriter(std::unique_ptr<OutputFile> file, bool with_vectors)
      : file_(std::move(file)), with_vectors_(with_vectors) {}
  absl::Status Add(const Value& point) override { return file_->Append(PointLine(point, with_vectors_)); }
  absl::Status Finish() override { return file_->Finish(); }

 private:
  std::unique_ptr<OutputFile> file_;
  const bool with_vectors_;
};

class NpyWriter final : public ExportWriter {
 public:
  NpyWriter(std::unique_ptr<OutputFile> file, std::unique_ptr<OutputFile> rows, std::string vector_name)
      : file_(std::move(file)), rows_file_(std::move(rows)), vector_name_(std::move(vector_name)) {}

  absl::Status Add(const Value& point) override {
    const Value* id = point.Find("id");
    const std::string name = id == nullptr ? "?" : engine::ToJson(*id);
    const Value* vector = point.Find("vector");
    if (vector != nullptr && vector->is_object()) vector = vector->Find(vector_name_);
    if (vector == nullptr) {
      return FailedPrecondition("point ", name, " has no vector `", vector_name_, "`; --vector-name names another");
    }
    LINEAL_ASSIGN_OR_RETURN(const std::vector<float> row, VectorFromJson(*vector));
    if (rows_ == 0) {
      dim_ = static_cast<uint32_t>(row.size());
      LINEAL_RETURN_IF_ERROR(file_->Append(FormatNpyHeader(0, dim_)));
    }
    if (row.size() != dim_)
      return FailedPrecondition("point ", name, " has ", row.size(), " components, others ", dim_);
    ++rows_;
    LINEAL_RETURN_IF_ERROR(file_->Append({reinterpret_cast<const char*>(row.data()), row.size() * sizeof(float)}));
    return rows_file_ ? rows_file_->Append(PointLine(point, false)) : absl::OkStatus();
  }

  absl::Status Finish() override {
    LINEAL_RETURN_IF_ERROR(file_->Overwrite(FormatNpyHeader(rows_, std::max(1u, dim_))));
    LINEAL_RETURN_IF_ERROR(file_->Finish());
    return rows_file_ ? rows_file_->Finish() : absl::OkStatus();
  }

 private:
  std::unique_ptr<OutputFile> file_;
  std::unique_ptr<OutputFile> rows_file_;
  const std::string vector_name_;
  uint64_t rows_ = 0;
  uint32_t dim_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ExportWriter>> MakeJsonLinesWriter(const std::string& path, bool with_vectors) {
  LINEAL_ASSIGN_OR_RETURN(std::unique_ptr<OutputFile> file, OutputFile::Create(path));
  return std::make_unique<JsonLinesWriter>(std::move(file), with_vectors);
}

absl::StatusOr<std::unique_ptr<ExportWriter>> MakeNpyWriter(const std::string& path, const std::string& rows_path,
                                                            std::string vector_name) {
  if (path == "-") return InvalidArgument("a .npy file cannot go to standard output: its head is written last");
  LINEAL_ASSIGN_OR_RETURN(std::unique_ptr<OutputFile> file, OutputFile::Create(path));
  std::unique_ptr<OutputFile> rows;
  if (!rows_path.empty()) {
    LINEAL_ASSIGN_OR_RETURN(rows, OutputFile::Create(rows_path));
  }
  return std::make_unique<NpyWriter>(std::move(file), std::move(rows), std::move(vector_name));
}

}  // namespace lineal::cli
