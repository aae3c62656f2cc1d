// The hub with its log in memory; the sessions that send what it publishes; and both together.

#include <cstdlib>

#include "tests/bench/scenario.h"
#include "tests/bench/small_server.h"

namespace netchat::bench {

namespace {

constexpr size_t kSaysPerStep = 16;  // in one turn, from one sender

class Server : public Scenario {
  public:
    explicit Server(SmallServer::Options options) : options_(options), server_(options) {}

  protected:
    size_t hearers() const {
        return options_.members - (options_.dialect == Dialect::Classic ? 1 : 0);
    }
    const SmallServer::Options options_;
    SmallServer server_;
};

// apply, commit and take; the count is of messages.
class HubTurn : public Server {
  public:
    using Server::Server;
    void prepare() override {
        server_.deliver();  // what the step before has published
        server_.receive(server_.says(kSaysPerStep));
        server_.collect();
    }
    void step() override { server_.runHub(); }
    size_t items() const override { return kSaysPerStep; }
};

// From a publication to every member's transport; the count is of deliveries.
class FlushTurn : public Server {
  public:
    using Server::Server;
    void prepare() override {
        server_.receive(server_.says(kSaysPerStep));
        server_.collect();
        server_.runHub();
        before_ = server_.bytesSent();
    }
    void step() override { server_.deliver(); }
    size_t items() const override {
        if (server_.bytesSent() <= before_) std::abort();
        return kSaysPerStep * hearers();
    }

  private:
    uint64_t before_ = 0;
};

// From the bytes that come to the bytes that go; the count is of messages.
class WholeTurn : public Server {
  public:
    using Server::Server;
    void prepare() override { bytes_ = server_.says(kSaysPerStep); }
    void step() override {
        server_.receive(bytes_);
        server_.turn();
    }
    size_t items() const override { return kSaysPerStep; }

  private:
    std::string bytes_;
};

template <class S>
void addEachSize(std::vector<Named>& out, const std::string& part, std::vector<size_t> members,
                 std::vector<size_t> shardCounts) {
    for (const Dialect dialect : {Dialect::V2, Dialect::Classic}) {
        for (const size_t count : members) {
            for (const size_t shards : shardCounts) {
                const SmallServer::Options options{count, shards, dialect};
                out.push_back({part + "/" + (dialect == Dialect::V2 ? "v2" : "classic") + "/" +
                                   std::to_string(count) + "members/" + std::to_string(shards) +
                                   "shards",
                               [options] { return std::make_unique<S>(options); }});
            }
        }
    }
}

}  // namespace

void addServer(std::vector<Named>& out) {
    addEachSize<HubTurn>(out, "hub", {2, 10, 1000, 10'000}, {1, 2});
    addEachSize<FlushTurn>(out, "flush", {10, 100, 1000, 10'000}, {1});
    addEachSize<WholeTurn>(out, "turn", {2, 100, 1000}, {1, 2});
}

}  // namespace netchat::bench
