#include <algorithm>

#include "tests/e2e/grpc/live_server.h"

namespace lineal::e2e {
namespace {

constexpr uint64_t kPoints = 200;

// Points 0..199 on a line: point i lies at (i, 0) and says so in its payload.
class GrpcReads : public LiveCollection {
 protected:
  void SetUp() override {
    Create(2, v1::METRIC_EUCLID, 2);
    v1::UpsertRequest upsert = Upsert();
    for (uint64_t i = 0; i < kPoints; ++i) {
      AddPoint(i, {static_cast<float>(i), 0},
               StrCat(R"({"i":)", i, R"(,"parity":")", i % 2 == 0 ? "even" : "odd", R"("})"), &upsert);
    }
    Put(upsert);
  }

  v1::SearchRequest SearchAt(float x) const {
    auto request = For<v1::SearchRequest>();
    request.mutable_vector()->set_data(Packed({x, 0}));
    return request;
  }
  std::vector<uint64_t> Search(const v1::SearchRequest& request) {
    v1::SearchResponse answer;
    const grpc::Status status = Call(*points_, &Points::Search, request, &answer);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return Ids(answer);
  }
  static std::vector<uint64_t> Ids(const v1::SearchResponse& answer) {
    std::vector<uint64_t> ids;
    for (const v1::ScoredPoint& point : answer.points()) ids.push_back(point.point().id().number());
    return ids;
  }
};

using Numbers = std::vector<uint64_t>;

TEST_F(GrpcReads, FindsTheNearest) {
  v1::SearchRequest request = SearchAt(50.2f);
  request.set_limit(3);
  for (bool exact : {false, true}) {
    request.set_exact(exact);
    request.set_offset(0);
    EXPECT_EQ(Search(request), (Numbers{50, 51, 49}));
    request.set_offset(1);
    EXPECT_EQ(Search(request), (Numbers{51, 49, 52}));
  }
  request.set_ef_search(128);
  *request.mutable_filter() = Keyword("parity", "odd");
  request.set_offset(0);
  EXPECT_EQ(Search(request), (Numbers{51, 49, 53}));
}

TEST_F(GrpcReads, ScoresAndSelects) {
  v1::SearchRequest request = SearchAt(10);
  request.set_score_threshold(1.5f);
  request.mutable_with_payload()->set_mode(v1::PayloadSelector::MODE_INCLUDE);
  request.mutable_with_payload()->add_keys("i");
  v1::SearchResponse answer;
  ASSERT_TRUE(Call(*points_, &Points::Search, request, &answer).ok());
  ASSERT_EQ(answer.points_size(), 3);
  EXPECT_EQ(answer.points(0).score(), 0.0f);
  EXPECT_EQ(answer.points(1).score(), 1.0f);
  EXPECT_EQ(answer.points(0).point().payload().fields_size(), 1u);
  EXPECT_EQ(answer.points(0).point().payload().fields().at("i").i64_value(), 10);
  EXPECT_EQ(answer.points(0).point().vectors_size(), 0);
  EXPECT_GT(answer.points(0).point().version(), 0u);
}

TEST_F(GrpcReads, SearchesNearAStoredPointAndLeavesItOut) {
  auto request = For<v1::SearchRequest>();
  request.mutable_point_id()->set_number(0);
  request.set_limit(2);
  EXPECT_EQ(Search(request), (Numbers{1, 2}));
  request.mutable_point_id()->set_number(12345);
  v1::SearchResponse answer;
  EXPECT_EQ(Call(*points_, &Points::Search, request, &answer).error_code(), grpc::NOT_FOUND);
}

TEST_F(GrpcReads, SpreadsOutWithMmr) {
  v1::SearchRequest request = SearchAt(100);
  request.set_limit(2);
  request.mutable_mmr()->set_lambda(0.1);
  request.mutable_mmr()->set_candidates(50);
  const Numbers ids = Search(request);
  ASSERT_EQ(ids.size(), 2u);
  EXPECT_EQ(ids[0], 100u);
  EXPECT_GT(std::max(ids[0], ids[1]) - std::min(ids[0], ids[1]), 5u);
}

TEST_F(GrpcReads, AnswersABatchInOrder) {
  auto batch = For<v1::SearchBatchRequest>();
  for (float x : {3.0f, 150.0f}) {
    *batch.add_searches() = SearchAt(x);
    batch.mutable_searches(batch.searches_size() - 1)->set_limit(1);
  }
  v1::SearchBatchResponse answer;
  ASSERT_TRUE(Call(*points_, &Points::SearchBatch, batch, &answer).ok());
  ASSERT_EQ(answer.results_size(), 2);
  EXPECT_EQ(Ids(answer.results(0)), Numbers{3});
  EXPECT_EQ(Ids(answer.results(1)), Numbers{150});
  batch.mutable_searches(1)->mutable_vector()->set_data(Packed({1, 2, 3}));
  const grpc::Status status = Call(*points_, &Points::SearchBatch, batch, &answer);
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_TRUE(status.error_message().starts_with("search 1: ")) << status.error_message();
}

TEST_F(GrpcReads, ScrollsThroughAllPointsByIdAndInOrder) {
  auto request = For<v1::ScrollRequest>();
  request.set_limit(64);
  Numbers ids;
  for (;;) {
    v1::ScrollResponse page;
    ASSERT_TRUE(Call(*points_, &Points::Scroll, request, &page).ok());
    for (const v1::PointRecord& point : page.points()) ids.push_back(point.id().number());
    if (!page.has_next_offset()) break;
    *request.mutable_offset() = page.next_offset();
  }
  ASSERT_EQ(ids.size(), kPoints);
  EXPECT_TRUE(std::ranges::is_sorted(ids));

  v1::CreateFieldIndexRequest index = For<v1::CreateFieldIndexRequest>();
  index.set_key("i");
  index.mutable_schema()->set_type(v1::FIELD_TYPE_INTEGER);
  v1::Ack ack;
  ASSERT_TRUE(Call(*collections_, &Collections::CreateFieldIndex, index, &ack).ok());
  auto ordered = For<v1::ScrollRequest>();
  ordered.set_limit(2);
  ordered.mutable_order_by()->set_key("i");
  ordered.mutable_order_by()->set_descending(true);
  *ordered.mutable_filter() = Keyword("parity", "even");
  v1::ScrollResponse page;
  const grpc::Status status = Call(*points_, &Points::Scroll, ordered, &page);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(page.points_size(), 2);
  EXPECT_EQ(page.points(0).id().number(), 198u);
  EXPECT_EQ(page.points(1).order_value().i64_value(), 196);
}

TEST_F(GrpcReads, CountsWithEveryKindOfCondition) {
  EXPECT_EQ(Count(), kPoints);
  EXPECT_EQ(Count(Keyword("parity", "odd")), kPoints / 2);
  v1::Filter filter;
  v1::FieldCondition* range = filter.add_must()->mutable_field();
  range->set_key("i");
  range->mutable_range()->set_gte(10);
  range->mutable_range()->set_lt(20);
  EXPECT_EQ(Count(filter), 10u);
  v1::FieldCondition* any = filter.add_must_not()->mutable_field();
  any->set_key("i");
  any->mutable_match_any()->add_values()->set_integer(10);
  any->mutable_match_any()->add_values()->set_integer(11);
  EXPECT_EQ(Count(filter), 8u);
  filter.add_should()->mutable_has_id()->mutable_packed()->add_numbers(15);
  filter.add_should()->mutable_has_id()->add_ids()->set_number(16);
  filter.add_should()->set_is_null("i");
  EXPECT_EQ(Count(filter), 2u);
  v1::Filter empty;
  empty.add_must()->set_is_empty("nothing");
  EXPECT_EQ(Count(empty), kPoints);
}

TEST_F(GrpcReads, ReadsAnEarlierState) {
  v1::CollectionInfo info;
  ASSERT_TRUE(Call(*collections_, &Collections::Get, For<v1::CollectionRequest>(), &info).ok());
  auto erase = For<v1::DeleteRequest>();
  Select({7}, erase.mutable_points());
  v1::WriteResponse written;
  ASSERT_TRUE(Call(*points_, &Points::Delete, erase, &written).ok());
  EXPECT_EQ(written.positions_size(), 1);
  EXPECT_FALSE(Get(7).has_id());

  v1::SearchRequest search = SearchAt(7);
  search.set_limit(1);
  EXPECT_NE(Search(search), Numbers{7});
  search.mutable_as_of_seq()->CopyFrom(info.seqs());
  EXPECT_EQ(Search(search), Numbers{7});
  auto count = For<v1::CountRequest>();
  count.mutable_as_of_seq()->CopyFrom(info.seqs());
  v1::CountResponse counted;
  ASSERT_TRUE(Call(*points_, &Points::Count, count, &counted).ok());
  EXPECT_EQ(counted.count(), kPoints);
  count.set_as_of_seq(0, UINT64_MAX);
  EXPECT_EQ(Call(*points_, &Points::Count, count, &counted).error_code(), grpc::INVALID_ARGUMENT);
}

TEST_F(GrpcReads, RefusesWrongQuestions) {
  v1::SearchResponse answer;
  v1::SearchRequest wrong = SearchAt(1);
  wrong.mutable_vector()->set_data(Packed({1, 2, 3}));
  EXPECT_EQ(Call(*points_, &Points::Search, wrong, &answer).error_code(), grpc::INVALID_ARGUMENT);
  wrong = SearchAt(1);
  wrong.set_vector_name("unknown");
  EXPECT_EQ(Call(*points_, &Points::Search, wrong, &answer).error_code(), grpc::INVALID_ARGUMENT);
  wrong = SearchAt(1);
  wrong.set_limit(999'999'999);
  EXPECT_EQ(Call(*points_, &Points::Search, wrong, &answer).error_code(), grpc::INVALID_ARGUMENT);
  wrong = SearchAt(1);
  wrong.set_collection("no such collection");
  EXPECT_EQ(Call(*points_, &Points::Search, wrong, &answer).error_code(), grpc::NOT_FOUND);
}

}  // namespace
}  // namespace lineal::e2e
