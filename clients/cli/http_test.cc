#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include "base/executor.h"
#include "base/status.h"
#include "clients/cli/embedder.h"
#include "clients/cli/http_connection.h"
#include "clients/cli/retry.h"
#include "clients/cli/server_client.h"

namespace lineal::cli {
namespace {

namespace asio = boost::asio;
using testing::ElementsAre;
using testing::HasSubstr;

// Answers each request with the next of its scripted bytes; "" closes the connection instead.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<std::string> script)
      : script_(std::move(script)), acceptor_(context_, {asio::ip::address_v4::loopback(), 0}) {
    port_ = acceptor_.local_endpoint().port();
    thread_ = ServiceThread("scripted", [this] { Run(); });
  }
  ~ScriptedServer() { thread_.Join(); }

  std::string url() const { return StrCat("http://127.0.0.1:", port_); }
  // Valid when the script has been played.
  std::vector<std::string> requests() {
    thread_.Join();
    return requests_;
  }
  int connections() const { return connections_; }

 private:
  void Run() {
    size_t next = 0;
    while (next < script_.size()) {
      asio::ip::tcp::socket socket = acceptor_.accept();
      ++connections_;
      asio::streambuf buffer;
      boost::system::error_code error;
      while (next < script_.size()) {
        const std::string request = ReadRequest(socket, buffer, error);
        if (error) break;
        requests_.push_back(request);
        const std::string& answer = script_[next++];
        if (answer.empty()) break;
        asio::write(socket, asio::buffer(answer), error);
        if (answer.find("onnection: close") != std::string::npos) break;
      }
    }
  }

  static std::string ReadRequest(asio::ip::tcp::socket& socket, asio::streambuf& buffer,
                                 boost::system::error_code& error) {
    const size_t head = asio::read_until(socket, buffer, "\r\n\r\n", error);
    if (error) return "";
    std::string text(asio::buffers_begin(buffer.data()),
                     asio::buffers_begin(buffer.data()) + static_cast<ptrdiff_t>(head));
    buffer.consume(head);
    const size_t at = text.find("Content-Length: ");
    const size_t length = at == std::string::npos ? 0 : std::stoul(text.substr(at + 16));
    if (buffer.size() < length) asio::read(socket, buffer, asio::transfer_at_least(length - buffer.size()), error);
    text.append(asio::buffers_begin(buffer.data()),
                asio::buffers_begin(buffer.data()) + static_cast<ptrdiff_t>(length));
    buffer.consume(length);
    return text;
  }

  const std::vector<std::string> script_;
  asio::io_context context_;
  asio::ip::tcp::acceptor acceptor_;
  uint16_t port_ = 0;
  int connections_ = 0;
  std::vector<std::string> requests_;
  ServiceThread thread_;
};

std::string Answer(int status, std::string_view body, std::string_view headers = "") {
  return StrCat("HTTP/1.1 ", status, " X\r\n", headers, "Content-Length: ", body.size(), "\r\n\r\n", body);
}

TEST(HttpUrl, IsTakenApart) {
  const auto url = ParseHttpUrl("https://example.org/v1/");
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->host, "example.org");
  EXPECT_EQ(url->port, 443);
  EXPECT_EQ(url->path, "/v1");
  EXPECT_EQ(ParseHttpUrl("http://[::1]:6333")->Origin(), "http://[::1]:6333");
  for (std::string_view bad : {"", "localhost:6333", "ftp://a", "http://", "http://a:0", "http://a:70000", "http://a:x",
                               "http://u@a", "http://a/?q", "http://a b", "http://[::1", "http://[::1]x"}) {
    EXPECT_FALSE(ParseHttpUrl(bad).ok()) << bad;
  }
  EXPECT_EQ(CollectionPath("a/b ü", "/points"), "/collections/a%2Fb%20%C3%BC/points");
}

TEST(HttpConnection, IsKeptAndOpenedAgainWhenClosed) {
  ScriptedServer server(
      {Answer(200, "one"), Answer(200, "two", "Connection: close\r\n"), Answer(404, "three"), "", Answer(200, "four")});
  HttpConnection connection(*ParseHttpUrl(server.url()));
  for (std::string_view want : {"one", "two", "three", "four"}) {
    const auto reply = connection.Call({.method = "POST", .target = "/x", .body = "{}"});
    ASSERT_TRUE(reply.ok()) << MessageOf(reply.status());
    EXPECT_EQ(reply->body, want);
  }
  EXPECT_THAT(server.requests()[0], HasSubstr("POST /x HTTP/1.1\r\n"));
  EXPECT_EQ(server.connections(), 3);
}

TEST(HttpConnection, SaysThatNothingListens) {
  std::string url;
  {
    ScriptedServer server({});
    url = server.url();
  }
  HttpConnection connection(*ParseHttpUrl(url));
  const auto reply = connection.Call({});
  EXPECT_EQ(reply.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(MessageOf(reply.status())), HasSubstr("nothing listens at"));
}

TEST(HttpConnection, GivesUpOnASilentServer) {
  asio::io_context context;
  asio::ip::tcp::acceptor silent(context, {asio::ip::address_v4::loopback(), 0});
  HttpConnection connection(*ParseHttpUrl(StrCat("http://127.0.0.1:", silent.local_endpoint().port())));
  EXPECT_EQ(connection.Call({.timeout_ms = 50}).status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(ServerClient, UnwrapsResultsAndErrors) {
  ScriptedServer server({Answer(200, R"({"result":{"a":1},"status":"ok","time":0})"), Answer(200, R"({"title":"x"})"),
                         Answer(404, R"({"status":{"error":"Not found: Collection `x` doesn't exist!"},"time":0})"),
                         Answer(401, "Must provide a key"),
                         Answer(429, R"({"status":{"error":"busy"}})", "Retry-After: 3\r\n"),
                         Answer(507, R"({"status":{"error":"full"}})"), Answer(200, "no json")});
  ServerClient client = *ServerClient::Connect(server.url(), "secret");
  EXPECT_NE(client.Call("GET", "/a")->Find("a"), nullptr);
  EXPECT_NE(client.Call("GET", "/")->Find("title"), nullptr);
  const auto missing = client.Call("GET", "/x");
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(MessageOf(missing.status()), "Not found: Collection `x` doesn't exist!");
  EXPECT_THAT(std::string(MessageOf(client.Call("GET", "/x").status())), HasSubstr("LINEAL_API_KEY"));
  EXPECT_TRUE(MayPass(client.Call("GET", "/x").status()));
  EXPECT_EQ(client.retry_after_s(), 3);
  EXPECT_FALSE(MayPass(client.Call("GET", "/x").status()));
  EXPECT_FALSE(client.Call("GET", "/x").ok());
  EXPECT_THAT(server.requests()[0], HasSubstr("api-key: secret\r\n"));
}

TEST(Retrier, WaitsLongerEachTimeAndAsLongAsAsked) {
  std::vector<int64_t> pauses;
  Retrier retrier({.attempts_max = 5, .pause_ms = 100, .pause_max_ms = 5000}, 1,
                  [&](int64_t ms) { pauses.push_back(ms); });
  int tries = 0;
  EXPECT_TRUE(retrier
                  .Run([&](int64_t* wait_s) {
                    if (++tries == 3) *wait_s = 2;
                    return tries < 5 ? absl::UnavailableError("away") : absl::OkStatus();
                  })
                  .ok());
  ASSERT_EQ(pauses.size(), 4u);
  EXPECT_THAT(pauses[0], testing::AllOf(testing::Ge(75), testing::Le(125)));
  EXPECT_THAT(pauses[1], testing::AllOf(testing::Ge(150), testing::Le(250)));
  EXPECT_EQ(pauses[2], 2000);
  tries = 0;
  EXPECT_THAT(std::string(MessageOf(retrier.Run([&](int64_t*) { return absl::UnavailableError("away"); }))),
              HasSubstr("given up after 5 attempts: away"));
  EXPECT_EQ(retrier.Run([&](int64_t*) { return ++tries, absl::InvalidArgumentError("no"); }).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(tries, 1);
}

TEST(Embedder, SendsBatchesAndTriesAgain) {
  ScriptedServer server({Answer(429, R"({"error":{"message":"slow down"}})"),
                         Answer(200, R"({"data":[{"index":1,"embedding":[3,4]},{"index":0,"embedding":[1,2]}]})"),
                         Answer(200, R"({"data":[{"index":0,"embedding":"AACgQAAAwEA="}]})")});
  EmbedOptions options;
  options.url = server.url() + "/v1";
  options.model = "m";
  options.key = "k";
  options.batch = 2;
  options.retry.pause_ms = 1;
  const auto vectors = (*MakeOpenAiEmbedder(options))->Embed({"a", "b\"", "c"});
  ASSERT_TRUE(vectors.ok()) << MessageOf(vectors.status());
  EXPECT_THAT(*vectors, ElementsAre(ElementsAre(1, 2), ElementsAre(3, 4), ElementsAre(5, 6)));
  const auto requests = server.requests();
  EXPECT_THAT(requests[0], HasSubstr("POST /v1/embeddings "));
  EXPECT_THAT(requests[0], HasSubstr("authorization: Bearer k\r\n"));
  EXPECT_THAT(requests[0], HasSubstr(R"({"input":["a","b\""],"model":"m","encoding_format":"float"})"));
}

TEST(Embedder, RefusesAnswersThatDoNotFit) {
  for (std::string_view body :
       {"", "[]", R"({"data":{}})", R"({"data":[]})", R"({"data":[{"index":0}]})",
        R"({"data":[{"index":1,"embedding":[1]}]})", R"({"data":[{"index":-1,"embedding":[1]}]})",
        R"({"data":[{"index":0,"embedding":[]}]})", R"({"data":[{"index":0,"embedding":["x"]}]})",
        R"({"data":[{"index":0,"embedding":"AAA"}]})", R"({"data":[{"index":0,"embedding":"!!!!"}]})",
        R"({"data":[{"index":0,"embedding":"AACAfw=="}]})"}) {
    EXPECT_FALSE(ParseEmbeddings(body, 1).ok()) << body;
  }
}

}  // namespace
}  // namespace lineal::cli
