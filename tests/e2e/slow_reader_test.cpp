// A reader that stops while a hundred thousand messages pass, and then reads on: it is caught up
// from the log at its own pace and misses nothing, and the server holds no queue for it meanwhile.

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

// The sanitizers are slow, and keep memory that was given back.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMeasuresMemory = false;
constexpr uint64_t kMessages = 20'000;
#else
constexpr bool kMeasuresMemory = true;
constexpr uint64_t kMessages = 100'000;
#endif
constexpr uint64_t kBatch = 1'000;
constexpr size_t kTextBytes = 200;

// What of the process is in memory, in MiB.
double residentMiB(pid_t pid) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/statm");
    double all = 0, resident = 0;
    in >> all >> resident;
    return resident * 4096 / (1024 * 1024);
}

class SlowReader : public ::testing::TestWithParam<bool> {
  protected:
    std::vector<std::string> arguments() const {
        return {"--data", GetParam() ? (folder_.path() / "data").string() : "none"};
    }
    // Says `kMessages` texts, which have their own number in front.
    static void sayAll(V2ByHand& speaker) {
        for (uint64_t first = 1; first <= kMessages; first += kBatch) {
            std::string batch;
            for (uint64_t i = first; i < first + kBatch; ++i) {
                const std::string number = std::to_string(i);
                std::string frame = "say\troom:lobby\tid:" + number + "\n" + number + " ";
                frame.resize(frame.size() + kTextBytes, 'x');
                std::string header = std::to_string(frame.size());
                header.resize(10, ' ');
                batch += header + frame;
            }
            speaker.socket().send(batch);
            for (uint64_t i = 0; i < kBatch; ++i) speaker.readUntil("msg");
        }
    }

    TempFolder folder_;
};

TEST_P(SlowReader, MissesNothingAndGetsNothingTwice) {
    ServerProcess server(arguments());
    V2ByHand sleeper(server.port(), "sleeper"), speaker(server.port(), "speaker");
    const double before = residentMiB(server.process().pid());
    sayAll(speaker);
    const double grown = residentMiB(server.process().pid()) - before;
    // Twenty MiB have passed. In memory they are the log's; on disk they are nobody's.
    if (kMeasuresMemory) {
        EXPECT_LT(grown, GetParam() ? 16.0 : 64.0);
    }
    for (uint64_t seq = 1; seq <= kMessages; ++seq) {
        const auto frame = sleeper.readUntil("msg");
        ASSERT_EQ(frame["seq"], std::to_string(seq));
        ASSERT_EQ(frame.body.substr(0, frame.body.find(' ')), std::to_string(seq));
    }
    // It is live again, and speaks itself.
    speaker.say("lobby", "live", "hello again");
    EXPECT_EQ(sleeper.readUntil("msg").body, "hello again");
    sleeper.say("lobby", "1", "good morning");
    EXPECT_EQ(speaker.readUntil("msg").body, "good morning");
}

INSTANTIATE_TEST_SUITE_P(All, SlowReader, ::testing::Bool(), [](const auto& each) {
    return each.param ? "FromTheDisk" : "FromMemory";
});

}  // namespace
}  // namespace netchat::test
