#include "clients/cli/record_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/coding.h"
#include "base/half.h"
#include "base/status.h"
#include "clients/cli/npy_header.h"
#include "engine/payload/json.h"

namespace lineal::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string WriteFile(const std::string& name, std::string_view bytes) {
  const std::string path = testing::TempDir() + "/" + name;
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

struct Outcome {
  std::vector<std::string> fields;  // as JSON
  std::vector<std::vector<float>> vectors;
  std::vector<std::string> problems;
};

Outcome ReadAll(RecordReader& reader) {
  Outcome outcome;
  for (;;) {
    Record record;
    const auto more = reader.Next(&record);
    if (!more.ok()) {
      outcome.problems.emplace_back(MessageOf(more.status()));
      if (!reader.recoverable()) return outcome;
      continue;
    }
    if (!*more) return outcome;
    outcome.fields.push_back(engine::ToJson(record.fields));
    outcome.vectors.push_back(record.vector);
  }
}

Outcome ReadFile(const std::string& path, const ReaderOptions& options = {}) {
  auto reader = OpenRecords(path, options);
  if (!reader.ok()) return {.problems = {std::string(MessageOf(reader.status()))}};
  return ReadAll(**reader);
}

// Reading on from any record's position gives what reading through gives.
void ExpectResumable(const std::string& path, const ReaderOptions& options = {}) {
  const Outcome whole = ReadFile(path, options);
  auto reader = *OpenRecords(path, options);
  std::vector<ReadPosition> positions = {reader->position()};
  for (Record record; *reader->Next(&record);) positions.push_back(reader->position());
  ASSERT_EQ(positions.size(), whole.fields.size() + 1);
  for (size_t i = 0; i < positions.size(); ++i) {
    auto again = *OpenRecords(path, options);
    ASSERT_TRUE(again->Seek(positions[i]).ok());
    EXPECT_EQ(again->position().rows, i);
    const Outcome rest = ReadAll(*again);
    EXPECT_EQ(rest.fields.size(), whole.fields.size() - i);
    EXPECT_TRUE(std::equal(rest.fields.rbegin(), rest.fields.rend(), whole.fields.rbegin()));
    EXPECT_TRUE(std::equal(rest.vectors.rbegin(), rest.vectors.rend(), whole.vectors.rbegin()));
  }
}

TEST(JsonLines, ReadsObjectsPassingOverEmptyLines) {
  const std::string path =
      WriteFile("a.jsonl", "\xef\xbb\xbf{\"a\":1}\n\n  \r\n{\"b\":18446744073709551615}\r\n{\"c\":[1,2]}");
  EXPECT_THAT(ReadFile(path).fields, ElementsAre("{\"a\":1}", "{\"b\":18446744073709551615}", "{\"c\":[1,2]}"));
  ExpectResumable(path);
}

TEST(JsonLines, NamesBadRecordsAndGoesOn) {
  const std::string path = WriteFile("bad.jsonl", "{\"a\":1}\n{\"a\":\n[1]\n\xff\n{\"a\":2}\n");
  const Outcome outcome = ReadFile(path);
  EXPECT_THAT(outcome.fields, ElementsAre("{\"a\":1}", "{\"a\":2}"));
  EXPECT_THAT(outcome.problems,
              ElementsAre(HasSubstr("record 2"), HasSubstr("record 3: is no JSON object"), HasSubstr("record 4")));
}

TEST(Csv, ReadsQuotesLineBreaksAndNumbers) {
  const std::string path = WriteFile("a.csv",
                                     "id,name,size,zip,note\r\n"
                                     "1,\"Smith, \"\"J\"\"\",2.5,01234,\"two\nlines\"\r\n"
                                     "-7,plain,,+1,1e5\n"
                                     "\n"
                                     "9007199254740993,x,0.10,-0,last");
  EXPECT_THAT(ReadFile(path).fields,
              ElementsAre(R"({"id":1,"name":"Smith, \"J\"","note":"two\nlines","size":2.5,"zip":"01234"})",
                          R"({"id":-7,"name":"plain","note":"1e5","zip":"+1"})",
                          R"({"id":9007199254740993,"name":"x","note":"last","size":0.1,"zip":"-0"})"));
  ExpectResumable(path);
  EXPECT_THAT(ReadFile(path, {.csv_text_only = true}).fields[1], HasSubstr("\"id\":\"-7\""));
}

TEST(Csv, TakesOtherDelimiters) {
  EXPECT_THAT(ReadFile(WriteFile("a.tsv", "a\tb\n1\tx,y\n")).fields, ElementsAre(R"({"a":1,"b":"x,y"})"));
  EXPECT_THAT(ReadFile(WriteFile("b.csv", "a;b\n1;2\n"), {.csv_delimiter = ';'}).fields,
              ElementsAre(R"({"a":1,"b":2})"));
}

TEST(Csv, RefusesWhatHasNoTableInIt) {
  EXPECT_THAT(ReadFile(WriteFile("e.csv", "")).problems, ElementsAre(HasSubstr("is empty")));
  EXPECT_THAT(ReadFile(WriteFile("d.csv", "a,a\n1,2\n")).problems,
              ElementsAre(HasSubstr("two columns are called \"a\"")));
  EXPECT_THAT(ReadFile(WriteFile("t.csv", "a,,b\n")).problems, ElementsAre(HasSubstr("no title")));
  EXPECT_THAT(ReadFile(WriteFile("q.csv", "a\n\"open\nand on")).problems,
              ElementsAre(HasSubstr("a quote is not closed")));
  const Outcome ragged = ReadFile(WriteFile("r.csv", "a,b\n1\n1,2\n1,2,3\n"));
  EXPECT_EQ(ragged.fields.size(), 1u);
  EXPECT_THAT(ragged.problems, ElementsAre(HasSubstr("record 1: has 1 cells"), HasSubstr("record 3: has 3 cells")));
}

std::string NpyFile(std::string_view type, std::string_view shape, std::string_view data,
                    std::string_view fortran = "False") {
  std::string head = StrCat("{'descr': '", type, "', 'fortran_order': ", fortran, ", 'shape': ", shape, ", }\n");
  std::string out = "\x93NUMPY";
  out.append({1, 0});
  PutFixed(&out, static_cast<uint16_t>(head.size()));
  return out + head + std::string(data);
}

template <class T>
std::string Bytes(std::initializer_list<T> values) {
  std::string out;
  for (T value : values) PutFixed(&out, value);
  return out;
}

TEST(Npy, ReadsEveryElementType) {
  const std::vector<float> a = {1, 2}, b = {3, 4};
  const std::pair<std::string_view, std::string> cases[] = {
      {"<f4", Bytes<float>({1, 2, 3, 4})},
      {"<f8", Bytes<double>({1, 2, 3, 4})},
      {"|u1", Bytes<uint8_t>({1, 2, 3, 4})},
      {"|i1", Bytes<int8_t>({1, 2, 3, 4})},
      {"<i2", Bytes<int16_t>({1, 2, 3, 4})},
      {"<u2", Bytes<uint16_t>({1, 2, 3, 4})},
      {"<i4", Bytes<int32_t>({1, 2, 3, 4})},
      {"<u4", Bytes<uint32_t>({1, 2, 3, 4})},
      {"<i8", Bytes<int64_t>({1, 2, 3, 4})},
      {"<u8", Bytes<uint64_t>({1, 2, 3, 4})},
      {"<f2", Bytes<uint16_t>({HalfFromFloat(1), HalfFromFloat(2), HalfFromFloat(3), HalfFromFloat(4)})}};
  for (const auto& [type, data] : cases) {
    const Outcome outcome = ReadFile(WriteFile("t.npy", NpyFile(type, "(2, 2)", data)));
    EXPECT_THAT(outcome.vectors, ElementsAre(a, b)) << type;
    EXPECT_TRUE(outcome.problems.empty()) << type;
  }
  ExpectResumable(WriteFile("t.npy", NpyFile("<f4", "(2, 2)", Bytes<float>({1, 2, 3, 4}))));
}

TEST(Npy, SaysWhatIsWrongWithAFile) {
  const std::string data = Bytes<float>({1, 2, 3, 4});
  const std::pair<std::string, std::string_view> cases[] = {
      {"", "is no .npy file"},
      {"\x93NUMPY", "is no .npy file"},
      {std::string("PK\3\4 something else"), "is no .npy file"},
      {NpyFile("<f4", "(2, 2)", data).substr(0, 30), "cut off"},
      {NpyFile(">f4", "(2, 2)", data), ">f4"},
      {NpyFile("<c8", "(2, 2)", data), "<c8"},
      {NpyFile("<f4", "(4,)", data), "1 dimensions"},
      {NpyFile("<f4", "(1, 2, 2)", data), "3 dimensions"},
      {NpyFile("<f4", "(2, 0)", data), "0 components"},
      {NpyFile("<f4", "(1, 70000)", data), "70000 components"},
      {NpyFile("<f4", "(2, 2)", data, "True"), "ascontiguousarray"},
      {NpyFile("<f4", "(3, 2)", data), "promises 3 rows, the file has 2"},
      {NpyFile("<f4", "(9223372036854775807, 2)", data), "promises"},
      {NpyFile("<f4", "(99999999999999999999, 2)", data), "shape cannot be read"},
  };
  for (const auto& [bytes, problem] : cases) {
    EXPECT_THAT(ReadFile(WriteFile("bad.npy", bytes)).problems, ElementsAre(HasSubstr(std::string(problem))));
  }
}

TEST(Npy, WrittenHeadReadsBack) {
  for (uint64_t rows : {uint64_t{0}, uint64_t{7}, uint64_t{123'456'789'012}}) {
    const std::string head = FormatNpyHeader(rows, 65536);
    EXPECT_EQ(head.size(), 128u);
    const auto header = ParseNpyHeader(head);
    ASSERT_TRUE(header.ok()) << MessageOf(header.status());
    EXPECT_EQ(header->rows, rows);
    EXPECT_EQ(header->dim, 65536u);
    EXPECT_EQ(header->data_offset, 128u);
  }
}

TEST(Vecs, ReadsFloatsAndBytes) {
  const std::string floats = Bytes<uint32_t>({2}) + Bytes<float>({1, 2}) + Bytes<uint32_t>({2}) + Bytes<float>({3, 4});
  const std::string path = WriteFile("a.fvecs", floats);
  EXPECT_THAT(ReadFile(path).vectors, ElementsAre(ElementsAre(1, 2), ElementsAre(3, 4)));
  ExpectResumable(path);
  EXPECT_THAT(ReadFile(WriteFile("a.bvecs", Bytes<uint32_t>({3}) + "\x01\x02\xff")).vectors,
              ElementsAre(ElementsAre(1, 2, 255)));
}

TEST(Vecs, SaysWhereAFileBreaks) {
  const std::string row = Bytes<uint32_t>({2}) + Bytes<float>({1, 2});
  EXPECT_THAT(ReadFile(WriteFile("c.fvecs", row + "\x02")).problems, ElementsAre(HasSubstr("cut off in row 2")));
  EXPECT_THAT(ReadFile(WriteFile("c.fvecs", row + row.substr(0, 9))).problems,
              ElementsAre(HasSubstr("cut off in row 2")));
  EXPECT_THAT(ReadFile(WriteFile("c.fvecs", row + Bytes<uint32_t>({1}) + Bytes<float>({1}))).problems,
              ElementsAre(HasSubstr("has 1 components, the rows before have 2")));
  EXPECT_THAT(ReadFile(WriteFile("c.fvecs", "text that is no vectors")).problems,
              ElementsAre(HasSubstr("file of this format")));
}

TEST(Records, PairVectorsWithPayloads) {
  const std::string vectors =
      WriteFile("p.fvecs", Bytes<uint32_t>({1}) + Bytes<float>({1}) + Bytes<uint32_t>({1}) + Bytes<float>({2}));
  const std::string payloads = WriteFile("p.jsonl", "{\"a\":1}\n{\"a\":2}\n");
  const Outcome outcome = ReadFile(vectors, {.payload_path = payloads});
  EXPECT_THAT(outcome.fields, ElementsAre("{\"a\":1}", "{\"a\":2}"));
  EXPECT_THAT(outcome.vectors, ElementsAre(ElementsAre(1), ElementsAre(2)));
  ExpectResumable(vectors, {.payload_path = payloads});
  const std::string shorter = WriteFile("s.jsonl", "{\"a\":1}\n");
  EXPECT_THAT(ReadFile(vectors, {.payload_path = shorter}).problems,
              ElementsAre(HasSubstr("payloads ends after 1 records")));
}

TEST(Records, AskForAFormatThatTheNameDoesNotTell) {
  EXPECT_THAT(ReadFile(WriteFile("plain", "{}")).problems, ElementsAre(HasSubstr("--format")));
  EXPECT_THAT(ReadFile(WriteFile("plain", "{}"), {.format = "jsonl"}).fields, ElementsAre("{}"));
  EXPECT_THAT(ReadFile(WriteFile("plain", "{}"), {.format = "parquet"}).problems, ElementsAre(HasSubstr("parquet")));
  EXPECT_THAT(ReadFile("/nowhere/a.jsonl").problems, ElementsAre(HasSubstr("/nowhere/a.jsonl")));
  EXPECT_THAT(ReadFile(testing::TempDir(), {.format = "csv"}).problems, ElementsAre(HasSubstr("is a directory")));
}

}  // namespace
}  // namespace lineal::cli
