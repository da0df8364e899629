// Gathers one field's values and writes the sealed index's image.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "engine/filter/field_image.h"
#include "engine/filter/field_index.h"
#include "engine/filter/field_index_sections.h"
#include "engine/filter/field_query.h"
#include "engine/filter/field_values.h"
#include "engine/filter/postings.h"
#include "engine/filter/row_list.h"
#include "engine/filter/tokens.h"

namespace lineal::engine {
namespace {

class BuilderBase : public FieldIndexBuilder {
 public:
  BuilderBase(PayloadPath path, FieldType type) : path_(std::move(path)), type_(type) {}

  void Append(const Value& payload) override {
    bool indexed = false, other = false;
    BeginRow();
    FieldShape shape = ForEachElement(path_, payload, [&](const Value& element) {
      if (AddElement(element, rows_)) {
        indexed = true;
      } else {
        other |= !element.is_null();
      }
      return true;
    });
    EndRow(rows_);
    if (shape.empty) empty_.push_back(rows_);
    if (shape.null) null_.push_back(rows_);
    if (other) other_.push_back(rows_);
    rows_with_value_ += indexed;
    ++rows_;
  }

  uint64_t memory_bytes() const override {
    return (empty_.capacity() + null_.capacity() + other_.capacity()) * sizeof(uint32_t) + gathered_bytes();
  }

  absl::Status Save(ByteSink* sink) override {
    std::vector<std::string> sections(kFamilySections);
    AppendRowList(&sections[kEmptySection], empty_, rows_);
    AppendRowList(&sections[kNullSection], null_, rows_);
    AppendRowList(&sections[kOtherSection], other_, rows_);
    AddSections(rows_, &sections);
    return WriteFieldImage({type_, rows_, rows_with_value_, path_.text()}, sections, sink);
  }

 protected:
  virtual void BeginRow() {}
  // False for an element that this type of field does not index.
  virtual bool AddElement(const Value& element, uint32_t row) = 0;
  virtual void EndRow(uint32_t) {}
  virtual void AddSections(uint32_t rows, std::vector<std::string>* sections) = 0;
  virtual uint64_t gathered_bytes() const = 0;
  FieldType type() const { return type_; }

 private:
  const PayloadPath path_;
  const FieldType type_;
  uint32_t rows_ = 0;
  uint32_t rows_with_value_ = 0;
  std::vector<uint32_t> empty_;
  std::vector<uint32_t> null_;
  std::vector<uint32_t> other_;
};

class TermBuilder : public BuilderBase {
 public:
  using BuilderBase::BuilderBase;

 protected:
  void BeginRow() override { row_terms_.clear(); }
  bool AddElement(const Value& element, uint32_t row) override {
    auto term = TermOf(type(), element);
    if (!term) return false;
    postings_.Add(*term, row);
    row_terms_.push_back(*std::move(term));
    return true;
  }
  void EndRow(uint32_t row) override {
    auto differs = [&](const std::string& term) { return term != row_terms_.front(); };
    if (std::any_of(row_terms_.begin(), row_terms_.end(), differs)) many_.push_back(row);
  }
  void AddSections(uint32_t rows, std::vector<std::string>* sections) override {
    AppendRowList(&sections->emplace_back(), many_, rows);
    postings_.Finish(rows, sections);
  }
  uint64_t gathered_bytes() const override { return postings_.memory_bytes() + many_.capacity() * sizeof(uint32_t); }

 private:
  PostingsBuilder postings_;
  std::vector<std::string> row_terms_;
  std::vector<uint32_t> many_;
};

class OrderedBuilder : public BuilderBase {
 public:
  using BuilderBase::BuilderBase;

 protected:
  bool AddElement(const Value& element, uint32_t row) override {
    auto value = OrderedValueOf(type(), element);
    if (!value) return false;
    if (value->whole) {
      whole_.emplace_back(value->integer, row);
    } else {
      real_.emplace_back(value->real, row);
    }
    return true;
  }
  void AddSections(uint32_t, std::vector<std::string>* sections) override {
    AddPairs(&whole_, sections);
    AddPairs(&real_, sections);
  }
  uint64_t gathered_bytes() const override {
    return whole_.capacity() * sizeof(whole_[0]) + real_.capacity() * sizeof(real_[0]);
  }

 private:
  template <class T>
  static void AddPairs(std::vector<std::pair<T, uint32_t>>* pairs, std::vector<std::string>* sections) {
    std::sort(pairs->begin(), pairs->end());
    pairs->erase(std::unique(pairs->begin(), pairs->end()), pairs->end());
    std::string values, rows;
    for (const auto& [value, row] : *pairs) {
      PutFixed(&values, value);
      PutFixed(&rows, row);
    }
    sections->push_back(std::move(values));
    sections->push_back(std::move(rows));
  }

  std::vector<std::pair<int64_t, uint32_t>> whole_;
  std::vector<std::pair<double, uint32_t>> real_;
};

class TextBuilder : public BuilderBase {
 public:
  using BuilderBase::BuilderBase;

 protected:
  bool AddElement(const Value& element, uint32_t row) override {
    const auto* text = element.get_if<std::string>();
    if (text == nullptr) return false;
    for (const std::string& token : TokenSet(*text)) postings_.Add(token, static_cast<uint32_t>(text_rows_.size()));
    text_rows_.push_back(row);
    return true;
  }
  void AddSections(uint32_t, std::vector<std::string>* sections) override {
    std::string rows;
    for (uint32_t row : text_rows_) PutFixed(&rows, row);
    sections->push_back(std::move(rows));
    postings_.Finish(static_cast<uint32_t>(text_rows_.size()), sections);
  }
  uint64_t gathered_bytes() const override {
    return postings_.memory_bytes() + text_rows_.capacity() * sizeof(uint32_t);
  }

 private:
  PostingsBuilder postings_;
  std::vector<uint32_t> text_rows_;
};

}  // namespace

std::unique_ptr<FieldIndexBuilder> FieldIndexBuilder::Create(std::string_view key, const FieldSchema& schema) {
  auto path = PayloadPath::Parse(key);
  LINEAL_CHECK(path.ok());  // ValidateSchema() has seen it
  switch (FamilyOf(schema.type)) {
    case FieldFamily::kTerms:
      return std::make_unique<TermBuilder>(*std::move(path), schema.type);
    case FieldFamily::kOrdered:
      return std::make_unique<OrderedBuilder>(*std::move(path), schema.type);
    case FieldFamily::kText:
      return std::make_unique<TextBuilder>(*std::move(path), schema.type);
  }
  LINEAL_CHECK(false);
}

}  // namespace lineal::engine
