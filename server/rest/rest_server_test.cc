#include <gtest/gtest.h>
#include <sys/resource.h>

#include "base/executor.h"
#include "server/http/gzip.h"
#include "server/rest/rest_test_server.h"

namespace lineal::server {
namespace {

constexpr std::string_view kPoints =
    R"({"points":[{"id":1,"vector":[0.1,0.25],"payload":{"a":1}},{"id":2,"vector":[1,2]}]})";

TEST(RestServer, ServesTheDialectOverOneConnection) {
  RestTestServer server;
  RawClient client(server.server->port());
  EXPECT_EQ(client.Call("GET", "/").json()["version"], "1.19.0");
  auto created = client.Call("PUT", "/collections/c%20d", R"({"vectors":{"size":2,"distance":"Cosine"}})");
  EXPECT_EQ(created.status, 200);
  EXPECT_EQ(created.json()["result"], true);
  EXPECT_EQ(created.json()["status"], "ok");
  EXPECT_TRUE(created.json()["time"].is_number());
  auto again = client.Call("PUT", "/collections/c%20d", R"({"vectors":{"size":2,"distance":"Cosine"}})");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.json()["status"]["error"], "Wrong input: Collection `c d` already exists!");
  EXPECT_EQ(client.Call("GET", "/collections").json()["result"]["collections"][0]["name"], "c d");
  auto upsert = client.Call("PUT", "/collections/c%20d/points?wait=true", kPoints).json();
  EXPECT_EQ(upsert["result"]["status"], "completed");
  auto lazy = client.Call("PUT", "/collections/c%20d/points", kPoints).json();
  EXPECT_EQ(lazy["result"]["status"], "acknowledged");
  EXPECT_GT(lazy["result"]["operation_id"], upsert["result"]["operation_id"]);
  auto point = client.Call("GET", "/collections/c%20d/points/1");
  EXPECT_NE(point.body.find(R"("vector":[0.1,0.25])"), std::string::npos) << point.body;
  EXPECT_EQ(client.Call("GET", "/collections/c%20d/points/7").json()["status"]["error"],
            "Not found: Point with id 7 does not exists!");
  auto page = client.Call("POST", "/collections/c%20d/points/scroll", R"({"limit":1})").json()["result"];
  EXPECT_EQ(page["points"].size(), 1u);
  EXPECT_EQ(page["next_page_offset"], 2);
  EXPECT_EQ(page["points"][0]["payload"]["a"], 1);
  auto found = client.Call("POST", "/collections/c%20d/points/query", R"({"query":[1,0],"limit":999999999})").json();
  EXPECT_EQ(found["result"]["points"].size(), 2u);
  EXPECT_FALSE(found["result"]["points"][0].contains("payload"));
  EXPECT_EQ(client.Call("POST", "/collections/none/points/count", "{}").json()["status"]["error"],
            "Not found: Collection `none` doesn't exist!");
  EXPECT_EQ(client.Call("DELETE", "/collections/c%20d").json()["result"], true);
  EXPECT_EQ(client.Call("DELETE", "/collections/c%20d").json()["result"], false);
}

TEST(RestServer, EchoesACollectionsConfiguration) {
  RestTestServer server;
  RawClient client(server.server->port());
  client.Call("PUT", "/collections/c",
              R"({"vectors":{"a":{"size":2,"distance":"Dot","datatype":"float16"},
                         "b":{"size":2,"distance":"Dot","datatype":"bfloat16"}},"hnsw_config":{"m":8},
                  "optimizers_config":{"default_segment_number":2},"replication_factor":2})");
  client.Call("PUT", "/collections/c/index?wait=true", R"({"field_name":"k","field_schema":{"type":"keyword"}})");
  auto info = client.Call("GET", "/collections/c").json()["result"];
  EXPECT_EQ(info["status"], "green");
  EXPECT_EQ(info["optimizer_status"], "ok");
  EXPECT_EQ(info["config"]["params"]["vectors"]["a"]["size"], 2);
  EXPECT_EQ(info["config"]["params"]["vectors"]["a"]["datatype"], "float16");
  EXPECT_EQ(info["config"]["params"]["vectors"]["b"]["datatype"], "bfloat16");
  EXPECT_EQ(info["config"]["params"]["replication_factor"], 2);
  EXPECT_EQ(info["config"]["hnsw_config"]["m"], 8);
  EXPECT_EQ(info["config"]["hnsw_config"]["ef_construct"], 100);
  EXPECT_EQ(info["config"]["optimizer_config"]["default_segment_number"], 2);
  EXPECT_EQ(info["payload_schema"]["k"]["data_type"], "keyword");
  EXPECT_EQ(info["payload_schema"]["k"]["params"]["type"], "keyword");
}

TEST(RestServer, ExplainsBesideTheResult) {
  RestTestServer server;
  RawClient client(server.server->port());
  client.Call("PUT", "/collections/c", R"({"vectors":{"size":2,"distance":"Dot"},"recall_target":0.9})");
  EXPECT_EQ(client.Call("GET", "/collections/c").json()["result"]["config"]["params"]["recall_target"], 0.9);
  EXPECT_EQ(client.Call("PATCH", "/collections/c", R"({"params":{"recall_target":null}})").status, 200);
  EXPECT_FALSE(client.Call("GET", "/collections/c").json()["result"]["config"]["params"].contains("recall_target"));
  client.Call("PUT", "/collections/c/points?wait=true", kPoints);
  const std::string plain = R"({"vector":[1,0],"limit":1})";
  const std::string asked = R"({"vector":[1,0],"limit":1,"params":{"recall_target":0.75},"explain":true})";
  EXPECT_FALSE(client.Call("POST", "/collections/c/points/search", plain).json().contains("explain"));
  auto answer = client.Call("POST", "/collections/c/points/search", asked).json();
  EXPECT_EQ(answer["result"].size(), 1u);
  EXPECT_EQ(answer["status"], "ok");
  EXPECT_EQ(answer["explain"]["recall_target"], 0.75);
  EXPECT_EQ(answer["explain"]["segments"][0]["plan"], "scan_all");
  EXPECT_EQ(answer["explain"]["segments"][0]["rescored"], 3);
  EXPECT_TRUE(answer["explain"]["segments"][0]["predicted_recall"].is_null());
  EXPECT_EQ(answer["explain"]["advice"][0], "less");
  auto query = client.Call("POST", "/collections/c/points/query", R"({"query":[1,0],"explain":true})").json();
  EXPECT_EQ(query["result"]["points"].size(), 2u);
  EXPECT_TRUE(query["explain"]["recall_target"].is_null());
  auto batch =
      client.Call("POST", "/collections/c/points/search/batch", R"({"searches":[)" + plain + "," + asked + "]}").json();
  ASSERT_EQ(batch["explain"].size(), 2u);
  EXPECT_TRUE(batch["explain"][0].is_null());
  EXPECT_EQ(batch["explain"][1]["recall_target"], 0.75);
  EXPECT_NE(client.Call("GET", "/metrics").body.find("\nlineal_searches_total 5\n"), std::string::npos);
  auto refused =
      client.Call("POST", "/collections/c/points/search", R"({"vector":[1,0],"limit":1,"params":{"recall_target":2}})");
  EXPECT_EQ(refused.status, 422);
  EXPECT_NE(refused.body.find("value 2 invalid, must be above 0.0 and at most 1.0"), std::string::npos) << refused.body;
}

TEST(RestServer, RoutesUnknownPathsAndMethods) {
  RestTestServer server;
  RawClient client(server.server->port());
  EXPECT_EQ(client.Call("GET", "/nowhere").status, 404);
  auto wrong = client.Call("PATCH", "/collections/c/points");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_NE(wrong.head.find("Allow: PUT, POST\r\n"), std::string::npos) << wrong.head;
  EXPECT_EQ(client.Call("GET", "/collections/%zz").status, 400);
  auto query = RawClient(server.server->port()).Call("PUT", "/collections/c/points?wait=perhaps", "{}");
  EXPECT_EQ(query.status, 400);
  EXPECT_TRUE(query.json()["status"]["error"].get<std::string>().starts_with("Deserialize error in query parameters"));
  EXPECT_EQ(client.Call("GET", "/cluster").json()["result"]["status"], "disabled");
  EXPECT_EQ(client.Call("GET", "/readyz").body, "all shards are ready");
  auto preflight = client.Call("OPTIONS", "/collections", "", "Access-Control-Request-Headers: api-key\r\n");
  EXPECT_EQ(preflight.status, 200);
  EXPECT_NE(preflight.head.find("Access-Control-Allow-Headers: api-key"), std::string::npos);
  client.Send("HEAD /healthz HTTP/1.1\r\nHost: t\r\n\r\n");
  EXPECT_EQ(client.Read(false).status, 200);
  EXPECT_EQ(client.Call("GET", "/healthz").body, "healthz check passed");
  EXPECT_NE(client.Call("GET", "/metrics").body.find("/collections/{collection_name}/points"), std::string::npos);
}

TEST(RestServer, AuthorizesBeforeReadingTheBody) {
  RestTestServer server({}, {}, "admin", "reader");
  const std::string head = "PUT /collections/c/points HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000\r\n";
  for (auto [key, status] :
       {std::pair("api-key: wrong\r\n", 401), std::pair("", 401), std::pair("Authorization: Bearer reader\r\n", 403)}) {
    RawClient client(server.server->port());
    client.Send(StrCat(head, key, "\r\n"));
    auto response = client.Read();
    EXPECT_EQ(response.status, status);
    EXPECT_NE(response.head.find("Connection: close"), std::string::npos);
    if (status == 401) {
      EXPECT_NE(response.head.find("text/plain"), std::string::npos);
    }
  }
  RawClient client(server.server->port());
  EXPECT_EQ(client.Call("GET", "/").status, 200);
  EXPECT_EQ(client.Call("GET", "/healthz").status, 200);
  EXPECT_EQ(client.Call("GET", "/collections", "", "api-key: reader\r\n").status, 200);
  EXPECT_EQ(client.Call("DELETE", "/collections/c", "", "api-key: admin\r\n").status, 200);
}

TEST(RestServer, LimitsBodies) {
  RestTestServer server;
  server.MakeCollection("c");
  {
    RawClient client(server.server->port());
    client.Send("PUT /collections/c/points HTTP/1.1\r\nHost: t\r\nContent-Length: 99000000\r\n\r\n");
    auto response = client.Read();
    EXPECT_EQ(response.status, 413);
    EXPECT_TRUE(response.json()["status"]["error"].is_string());
  }
  {
    RawClient client(server.server->port());
    client.Send("PUT /collections/c/points HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "10000\r\n" + std::string(0x10000, ' ') + "\r\n";
    for (int i = 0; i < 20; ++i) client.Send(chunk);
    EXPECT_EQ(client.Read().status, 413);
  }
  RawClient client(server.server->port());
  client.Send("PUT /collections/c/points HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: " +
              std::to_string(kPoints.size()) + "\r\n\r\n");
  EXPECT_EQ(client.Read().status, 100);
  client.Send(kPoints);
  EXPECT_EQ(client.Read().status, 200);
}

TEST(RestServer, ReadsAndWritesGzip) {
  RestTestServer server;
  server.MakeCollection("c");
  RawClient client(server.server->port());
  EXPECT_EQ(client.Call("PUT", "/collections/c/points", Gzip(kPoints), "Content-Encoding: gzip\r\n").status, 200);
  EXPECT_EQ(client.Call("PUT", "/collections/c/points", "plain", "Content-Encoding: gzip\r\n").status, 400);
  const std::string bomb = Gzip(std::string(50 << 20, ' '));
  EXPECT_EQ(client.Call("PUT", "/collections/c/points", bomb, "Content-Encoding: gzip\r\n").status, 413);
  auto info = client.Call("GET", "/metrics", "", "Accept-Encoding: deflate, gzip;q=0.5\r\n");
  ASSERT_NE(info.head.find("Content-Encoding: gzip"), std::string::npos);
  auto text = Gunzip(info.body, {});
  ASSERT_TRUE(text.ok());
  EXPECT_NE(text->find("app_info"), std::string::npos);
  EXPECT_EQ(client.Call("GET", "/metrics", "", "Accept-Encoding: gzip;q=0\r\n").head.find("Content-Encoding"),
            std::string::npos);
  EXPECT_EQ(client.Call("POST", "/collections/c/points/count", "{}", "Content-Encoding: br\r\n").status, 400);
}

TEST(RestServer, EndsSlowHeadersAndUnreadableOnes) {
  RestOptions options;
  options.header_timeout_ms = 100;
  RestTestServer server(options);
  RawClient slow(server.server->port());
  slow.Send("GET / HTTP/1.1\r\nX-Sl");
  EXPECT_TRUE(slow.AwaitEnd());
  RawClient silent(server.server->port());
  EXPECT_TRUE(silent.AwaitEnd());
  RawClient body(server.server->port());
  body.Send("POST /collections/c/points/count HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n{");
  EXPECT_EQ(body.Read().status, 408);
  RawClient garbage(server.server->port());
  garbage.Send("\x16\x03\x01 nonsense\r\n\r\n");
  EXPECT_EQ(garbage.Read().status, 400);
  RawClient huge(server.server->port());
  huge.Send("GET / HTTP/1.1\r\nX: " + std::string(30'000, 'x') + "\r\n\r\n");
  EXPECT_EQ(huge.Read().status, 431);
}

TEST(RestServer, TurnsAwayConnectionsAboveTheCapAndRecovers) {
  RestOptions options;
  options.connections_max = 2;
  RestTestServer server(options);
  auto first = std::make_unique<RawClient>(server.server->port());
  auto second = std::make_unique<RawClient>(server.server->port());
  EXPECT_EQ(first->Call("GET", "/").status, 200);
  EXPECT_EQ(second->Call("GET", "/").status, 200);
  RawClient third(server.server->port());
  EXPECT_EQ(third.Read().status, 503);
  first.reset();
  int status = 0;
  for (int i = 0; i < 1000 && status != 200; ++i) status = RawClient(server.server->port()).Call("GET", "/").status;
  EXPECT_EQ(status, 200);
}

TEST(RestServer, AcceptsAgainAfterDescriptorsRanOut) {
  RestTestServer server;
  RawClient early(server.server->port());
  EXPECT_EQ(early.Call("GET", "/").status, 200);
  RawClient late;
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const int next = ::dup(STDERR_FILENO);
  const rlimit tight{static_cast<rlim_t>(next + 8), before.rlim_max};
  ::close(next);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
  std::vector<int> hogs;
  for (int fd; (fd = ::dup(STDERR_FILENO)) >= 0;) hogs.push_back(fd);
  late.Connect(server.server->port());
  const std::string refused = R"(reason="descriptors")";
  while (early.Call("GET", "/metrics").body.find(refused) == std::string::npos) std::this_thread::yield();
  for (int fd : hogs) ::close(fd);
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(late.Call("GET", "/").status, 200);
}

TEST(RestServer, RefusesWhatItsQueuesCannotHold) {
  RestTestServer server({}, {.read_threads = 1, .write_threads = 1, .queue_max = 1});
  auto collection = server.MakeCollection("c");
  collection->Block();
  std::vector<std::unique_ptr<RawClient>> clients;
  const std::string_view search = R"({"query":[1,2]})";
  const std::string request = StrCat(
      "POST /collections/c/points/query HTTP/1.1\r\nHost: t\r\nContent-Length: ", search.size(), "\r\n\r\n", search);
  clients.push_back(std::make_unique<RawClient>(server.server->port()));
  clients.back()->Send(request);
  collection->AwaitSearches(1);
  clients.push_back(std::make_unique<RawClient>(server.server->port()));
  clients.back()->Send(request);
  while (server.work.queued(WorkKind::kRead) == 0) std::this_thread::yield();
  RawClient refused(server.server->port());
  refused.Send(request);
  auto response = refused.Read();
  EXPECT_EQ(response.status, 429);
  EXPECT_NE(response.head.find("Retry-After: 1\r\n"), std::string::npos);
  EXPECT_TRUE(response.json()["status"]["error"].get<std::string>().starts_with("Rate limiting exceeded: "));
  collection->Release();
  for (auto& client : clients) EXPECT_EQ(client->Read().status, 200);
}

TEST(RestServer, EndsRequestsAtTheirDeadlineOrWithTheirClient) {
  RestTestServer server;
  auto collection = server.MakeCollection("c");
  collection->Block();
  RawClient client(server.server->port());
  auto late = client.Call("POST", "/collections/c/points/query?timeout=1", R"({"query":[1,2]})");
  EXPECT_EQ(late.status, 408);
  EXPECT_TRUE(late.json()["status"]["error"].get<std::string>().starts_with("Timeout: "));
  RestTestServer other;
  auto second = other.MakeCollection("c");
  second->Block();
  auto leaver = std::make_unique<RawClient>(other.server->port());
  leaver->Send("POST /collections/c/points/query HTTP/1.1\r\nHost: t\r\nContent-Length: 15\r\n\r\n{\"query\":[1,2]}");
  second->AwaitSearches(1);
  leaver.reset();
  second->AwaitCancelled();
}

TEST(RestServer, DrainsBeforeItStops) {
  RestTestServer server;
  auto collection = server.MakeCollection("c");
  collection->Block();
  RawClient idle(server.server->port());
  EXPECT_EQ(idle.Call("GET", "/").status, 200);
  RawClient client(server.server->port());
  client.Send("POST /collections/c/points/query HTTP/1.1\r\nHost: t\r\nContent-Length: 15\r\n\r\n{\"query\":[1,2]}");
  collection->AwaitSearches(1);
  ServiceThread stopping("stop", [&] { server.server->Stop(20'000); });
  EXPECT_TRUE(idle.AwaitEnd());
  collection->Release();
  auto response = client.Read();
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(response.head.find("Connection: close"), std::string::npos);
  stopping.Join();
  EXPECT_FALSE(RawClient(server.server->port()).connected());
}

TEST(RestServer, SaysWhoHoldsWhatMemory) {
  RestTestServer server;
  server.MakeCollection("c");
  RawClient client(server.server->port());
  auto answer = client.Call("GET", "/collections/c/memory");
  ASSERT_EQ(answer.status, 200);
  const auto memory = answer.json()["result"];
  ASSERT_EQ(memory["held"].size(), 2u);
  EXPECT_EQ(memory["held"][0], (nlohmann::json{{"segment", "1-2"}, {"kind", "codes"}, {"bytes", 700}}));
  EXPECT_EQ(memory["held_bytes"], 750);
  EXPECT_EQ(memory["mapped"][0]["resident_bytes"], 1'000);
  EXPECT_EQ(memory["mapped_bytes"], 4'000);
  EXPECT_GT(memory["process"]["rss_anon_bytes"], 0);
  EXPECT_TRUE(memory["process"]["shared"].empty());
  EXPECT_EQ(client.Call("GET", "/collections/missing/memory").status, 404);
}

TEST(RestServer, PassesOnWhatTheEngineNeedsToKnow) {
  RestTestServer server;
  auto collection = server.MakeCollection("c");
  RawClient client(server.server->port());
  client.Call("PUT", "/collections/c/points", kPoints, "Idempotency-Key: abc\r\n");
  EXPECT_EQ(collection->last_write().request_id, "abc");
  client.Call("POST", "/collections/c/points?as_of_seq=5,6", R"({"ids":[1]})");
  EXPECT_EQ(collection->last_read().as_of_seq, (std::vector<Seq>{Seq{5}, Seq{6}}));
  client.Call("POST", "/collections/c/points?as_of_seq=5", R"({"ids":[1],"as_of_seq":9})");
  EXPECT_EQ(collection->last_read().as_of_seq, (std::vector<Seq>{Seq{9}}));
  client.Call("POST", "/collections/c/points/search", R"({"vector":[1,2],"limit":3,"params":{"hnsw_ef":77}})");
  EXPECT_EQ(collection->last_search().ef_search, 77u);
  collection->AnswerWith(MakeError(ErrorKind::kDiskFull, "no room"));
  auto full = client.Call("PUT", "/collections/c/points", kPoints);
  EXPECT_EQ(full.status, 507);
  EXPECT_EQ(full.json()["status"]["error"], "Insufficient storage: no room");
}

}  // namespace
}  // namespace lineal::server
