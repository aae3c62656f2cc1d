// The samples that are no bot scripts (those are in bot_test.cpp), as a reader would use them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/server_process.h"

namespace netchat::test {
namespace {

using ::testing::HasSubstr;

TEST(Samples, TheDemoShowsTheMainJobAndProvesIt) {
    Process demo({.arguments = {NETCHAT_SAMPLES "/demo.sh"},
                  .environment = {{"NETCHAT", NETCHAT_BINARY}},
                  .program = "/bin/sh"});
    EXPECT_EQ(demo.waitForExit(), 0) << demo.output() << demo.errors();
    EXPECT_THAT(demo.output(), HasSubstr("bob has the same bytes\ndora has the same bytes"));
    EXPECT_THAT(demo.output(), HasSubstr("<dora> and dora, with the original's protocol"));
    EXPECT_THAT(demo.output(), HasSubstr("\nPASS "));
}

TEST(Samples, TheServersConfigurationIsValid) {
    ServerProcess server({"--config", NETCHAT_SAMPLES "/serve.properties"});
    EXPECT_NE(server.port(), 0);
}

}  // namespace
}  // namespace netchat::test
