// The checker is proved: a server that does one thing wrong must fail, by the name of the property
// that it violates; and the same proxy doing nothing must pass.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/process.h"
#include "tests/support/server_process.h"

namespace netchat::test {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

// A real server behind a proxy that commits `fault`.
class WrongServer {
  public:
    explicit WrongServer(const std::string& fault)
        : proxy_(Process::Options{.arguments = {server_.address(), fault, "3"},
                                  .program = WRONG_SERVER_BINARY}) {
        const std::string line = proxy_.waitForLine("wrong_server listening on ");
        address_ = line.substr(line.rfind(' ') + 1);
    }
    const std::string& address() const { return address_; }

  private:
    ServerProcess server_;
    Process proxy_;
    std::string address_;
};

// Twelve bots of both dialects, several rooms and two files.
Process harnessAgainst(const WrongServer& server) {
    return Process({"harness",
                    "--server",
                    server.address(),
                    "--bots",
                    "12",
                    "--messages",
                    "30",
                    "--rooms",
                    "3",
                    "--files",
                    "4",
                    "--file-size",
                    "100KiB",
                    "--seed",
                    "11",
                    "--classic-share",
                    "0.34",
                    "--stall",
                    "1500ms",
                    "--timeout",
                    "60s"});
}

struct Wrong {
    const char* fault;
    const char* property;
};

void PrintTo(const Wrong& wrong, std::ostream* out) {
    *out << wrong.fault;
}

class WrongServers : public testing::TestWithParam<Wrong> {};

TEST_P(WrongServers, FailByTheNameOfTheProperty) {
    WrongServer server(GetParam().fault);
    Process harness = harnessAgainst(server);
    EXPECT_EQ(harness.waitForExit(), 1) << harness.output() << harness.errors();
    EXPECT_THAT(harness.output(),
                ContainsRegex(std::string(GetParam().property) + " +VIOLATED [0-9]"));
    EXPECT_THAT(harness.output(), HasSubstr("\nFAIL  again: netchat harness"));
}

INSTANTIATE_TEST_SUITE_P(
    Harness, WrongServers,
    testing::Values(Wrong{"drop", "lost"}, Wrong{"duplicate", "duplicated"},
                    Wrong{"swap", "sender-order"}, Wrong{"flip", "corrupted"},
                    Wrong{"truncate", "corrupted"}, Wrong{"misattribute", "corrupted"},
                    Wrong{"wrong-room", "unexpected"}, Wrong{"forge", "unexpected"},
                    Wrong{"reorder", "total-order"}, Wrong{"wrong-seq", "total-order"},
                    Wrong{"truncate-file", "files"}, Wrong{"corrupt-file", "files"},
                    Wrong{"drop-file", "files"}, Wrong{"double-file", "files"},
                    Wrong{"hang-up", "connections"}),
    [](const auto& wrong) {
        std::string name = wrong.param.fault;
        std::erase(name, '-');
        return name;
    });

TEST(WrongServer, PassesWhenItDoesNothingWrong) {
    WrongServer server("none");
    Process harness = harnessAgainst(server);
    EXPECT_EQ(harness.waitForExit(), 0) << harness.output() << harness.errors();
    EXPECT_THAT(harness.output(), HasSubstr("\nPASS  again: netchat harness"));
    EXPECT_THAT(harness.output(), Not(HasSubstr("VIOLATED")));
}

// One receiver's two neighbours of different senders: nothing but the order of the room is wrong.
TEST(WrongServer, ReorderingViolatesTheTotalOrderAndNothingElse) {
    WrongServer server("reorder");
    Process harness = harnessAgainst(server);
    EXPECT_EQ(harness.waitForExit(), 1);
    for (const char* property : {"lost", "duplicated", "corrupted", "unexpected", "sender-order",
                                 "acknowledged", "files", "connections"}) {
        EXPECT_THAT(harness.output(), Not(ContainsRegex(std::string(property) + " +VIOLATED")));
    }
}

}  // namespace
}  // namespace netchat::test
