#include "cmd/state_folder.h"

#include <gtest/gtest.h>

namespace netchat::cmd {
namespace {

TEST(StateFolder, IsThatOfXdgOrBelowHome) {
    EXPECT_EQ(stateFolder("/s", "/home/a"), "/s/netchat");
    EXPECT_EQ(stateFolder("", "/home/a"), "/home/a/.local/state/netchat");
    EXPECT_EQ(stateFolder("relative", "/home/a"), "/home/a/.local/state/netchat");
    EXPECT_EQ(stateFolder("", ""), "");
    EXPECT_EQ(stateFolder("", "nowhere"), "");
}

}  // namespace
}  // namespace netchat::cmd
