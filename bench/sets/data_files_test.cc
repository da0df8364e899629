#include "bench/sets/data_files.h"

#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/coding.h"
#include "base/file_system.h"
#include "base/status.h"
#include "base/temporary_directory.h"
#include "gtest/gtest.h"

namespace lineal::bench {
namespace {

class DataFilesTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& bytes) const {
    EXPECT_TRUE(PosixFileSystem()->WriteAtomically(directory_.Sub(name), bytes).ok());
    return directory_.Sub(name);
  }
  // What is said of a file of vectors.
  std::string Complaint(const std::string& name, const std::string& bytes) const {
    return std::string(MessageOf(ReadMatrix(Write(name, bytes)).status()));
  }
  std::string TruthComplaint(const std::string& name, const std::string& bytes, size_t k = 2) const {
    DataSet data = Set();
    return std::string(MessageOf(ReadTruth(Write(name, bytes), k, &data)));
  }
  // Three rows and two queries of two components.
  static DataSet Set() {
    DataSet data;
    data.base = {2, {1, 2, 3, 4, 5, 6}};
    data.queries = {2, {1, 2, 3, 4}};
    return data;
  }

  const TemporaryDirectory directory_;
};

template <class... T>
std::string Bytes(T... values) {
  std::string out;
  (PutFixed(&out, values), ...);
  return out;
}

std::string Npy(const std::string& type, const std::string& shape, const std::string& data) {
  const std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }\n";
  return std::string("\x93NUMPY\x01\x00", 8) + Bytes(static_cast<uint16_t>(header.size())) + header + data;
}

TEST_F(DataFilesTest, EveryFormatGivesTheSameRows) {
  const std::string values = Bytes(1.f, 2.f, 3.f, 4.f, 5.f, 6.f);
  const Matrix wanted = Set().base;
  const std::string files[] = {
      Write("a.fbin", Bytes(3u, 2u) + values),
      Write("a.fvecs", Bytes(2u, 1.f, 2.f, 2u, 3.f, 4.f, 2u, 5.f, 6.f)),
      Write("a.npy", Npy("<f4", "3, 2", values)),
  };
  for (const std::string& file : files) {
    const auto matrix = ReadMatrix(file);
    ASSERT_TRUE(matrix.ok()) << matrix.status();
    EXPECT_EQ(matrix->dim, wanted.dim) << file;
    EXPECT_EQ(matrix->values, wanted.values) << file;
  }
}

TEST_F(DataFilesTest, WhatIsWrittenIsReadAgain) {
  const std::string path = directory_.Sub("out.fbin");
  ASSERT_TRUE(WriteMatrix(path, Set().base).ok());
  const auto matrix = ReadMatrix(path);
  ASSERT_TRUE(matrix.ok()) << matrix.status();
  EXPECT_EQ(matrix->values, Set().base.values);
}

TEST_F(DataFilesTest, ACutFileIsRefusedWithTheBytesExpectedAndFound) {
  const std::string cut = Bytes(3u, 2u, 1.f, 2.f, 3.f);
  EXPECT_NE(Complaint("cut.fbin", cut).find("cut.fbin: has 20 bytes, expected are 32 for 3 × 2"), std::string::npos);
  EXPECT_NE(Complaint("long.fbin", Bytes(1u, 1u, 1.f, 2.f)).find("has 16 bytes, expected are 12"), std::string::npos);
  EXPECT_NE(Complaint("head.fbin", Bytes(3u)).find("has 4 bytes"), std::string::npos);
  EXPECT_NE(Complaint("cut.fvecs", Bytes(2u, 1.f, 2.f, 2u, 3.f)).find("has 20 bytes, expected are 24"),
            std::string::npos);
  EXPECT_NE(Complaint("tail.fvecs", Bytes(2u, 1.f, 2.f, uint16_t{2})).find("expected are 24"), std::string::npos);
  EXPECT_NE(Complaint("cut.npy", Npy("<f4", "2, 2", Bytes(1.f, 2.f))).find("bytes, expected are"), std::string::npos);
}

TEST_F(DataFilesTest, CountsOutsideTheLimitsAreRefused) {
  EXPECT_NE(Complaint("none.fbin", Bytes(0u, 2u)).find("has 0 rows"), std::string::npos);
  EXPECT_NE(Complaint("thin.fbin", Bytes(2u, 0u)).find("has 0 columns"), std::string::npos);
  EXPECT_NE(Complaint("wide.fbin", Bytes(1u, 65'537u)).find("has 65537 columns, allowed are 1 to 65536"),
            std::string::npos);
  EXPECT_NE(Complaint("empty.fvecs", "").find("has 0 bytes"), std::string::npos);
  EXPECT_NE(Complaint("uneven.fvecs", Bytes(1u, 1.f, 2u, 1.f)).find("has 2 values in row 1"), std::string::npos);
}

TEST_F(DataFilesTest, OtherTypesAndEndingsAreRefused) {
  EXPECT_NE(Complaint("a.csv", "1,2").find("ends in none of .fbin, .fvecs, .npy"), std::string::npos);
  EXPECT_NE(Complaint("a.npy", Npy("<f8", "1, 1", Bytes(1.0f))).find("type <f8, wanted is <f4"), std::string::npos);
  EXPECT_NE(Complaint("b.npy", "no header").find(".npy"), std::string::npos);
  EXPECT_TRUE(absl::IsNotFound(ReadMatrix(directory_.Sub("none.fbin")).status()));
}

TEST_F(DataFilesTest, NumbersThatAreNotFiniteAreRefusedWithTheirPlace) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  EXPECT_NE(Complaint("nan.fbin", Bytes(2u, 2u, 1.f, 2.f, 3.f, nan)).find("row 1, column 1"), std::string::npos);
  EXPECT_NE(Complaint("inf.fbin", Bytes(1u, 1u, infinity)).find("row 0, column 0"), std::string::npos);
}

TEST_F(DataFilesTest, EveryFormatOfTruthGivesTheSameIds) {
  const std::string ids = Bytes(0, 2, 1, 0);
  const std::string files[] = {
      Write("t.ibin", Bytes(2u, 2u) + ids),
      Write("distances.ibin", Bytes(2u, 2u) + ids + Bytes(0.f, 1.f, 0.f, 1.f)),
      Write("t.ivecs", Bytes(2u, 0, 2, 2u, 1, 0)),
      Write("t4.npy", Npy("<i4", "2, 2", ids)),
      Write("t8.npy", Npy("<i8", "2, 2", Bytes(int64_t{0}, int64_t{2}, int64_t{1}, int64_t{0}))),
  };
  for (const std::string& file : files) {
    DataSet data = Set();
    const absl::Status status = ReadTruth(file, 2, &data);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(data.truth_k, 2u);
    EXPECT_EQ(data.truth, (std::vector<uint32_t>{0, 2, 1, 0})) << file;
  }
}

TEST_F(DataFilesTest, TruthThatDoesNotFitIsRefused) {
  const std::string good = Bytes(2u, 2u, 0, 2, 1, 0);
  EXPECT_EQ(TruthComplaint("good.ibin", good), "");
  EXPECT_NE(TruthComplaint("few.ibin", good, 3).find("has 2 answers for each query, wanted are 3"), std::string::npos);
  EXPECT_NE(TruthComplaint("other.ibin", Bytes(1u, 2u, 0, 1)).find("answers 1 queries, there are 2"),
            std::string::npos);
  EXPECT_NE(TruthComplaint("high.ibin", Bytes(2u, 2u, 0, 2, 1, 3)).find("the id 3 for query 1, allowed are 0 to 2"),
            std::string::npos);
  EXPECT_NE(TruthComplaint("low.ibin", Bytes(2u, 2u, 0, -1, 1, 0)).find("the id -1 for query 0"), std::string::npos);
  EXPECT_NE(TruthComplaint("cut.ibin", Bytes(2u, 2u, 0, 2, 1)).find("has 20 bytes, expected are 24"),
            std::string::npos);
}

}  // namespace
}  // namespace lineal::bench
