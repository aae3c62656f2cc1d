#include "modes/net/process.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

namespace netchat::net {
namespace {

TEST(PrepareProcess, RaisesTheDescriptorLimitAndIgnoresBrokenPipesAndFullFiles) {
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    rlimit low = before;
    low.rlim_cur = 100;
    setrlimit(RLIMIT_NOFILE, &low);
    const int limit = prepareProcess();
    rlimit now{};
    getrlimit(RLIMIT_NOFILE, &now);
    EXPECT_EQ(now.rlim_cur, before.rlim_max);
    EXPECT_GT(limit, 100);
    EXPECT_EQ(std::signal(SIGPIPE, SIG_DFL), SIG_IGN);
    EXPECT_EQ(std::signal(SIGXFSZ, SIG_DFL), SIG_IGN);
    setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace netchat::net
