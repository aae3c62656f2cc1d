#include "modes/connect/progress_text.h"

#include <gtest/gtest.h>

namespace netchat::connect {
namespace {

namespace event = client::event;

event::Progress progress(uint64_t done, uint64_t size, std::string_view id = "1") {
    event::Progress event{.id = id, .name = "a.bin"};
    event.done = done, event.size = size, event.upload = true;
    return event;
}

TEST(ProgressText, SaysHowMuchIsDone) {
    EXPECT_EQ(progressText(progress(512, 1024)), "sending a.bin: 50 % of 1.0 KiB");
    EXPECT_EQ(progressText(progress(0, 0)), "sending a.bin: 100 % of 0 B");
    EXPECT_EQ(progressText(progress(UINT64_MAX / 2, UINT64_MAX)).substr(0, 19),
              "sending a.bin: 50 %");
}

TEST(ProgressText, SaysOfATransferWhetherItMoves) {
    using State = client::Transfer::State;
    client::Transfer transfer{
        .upload = true, .name = "a\x1b.bin", .done = 512, .size = 1024, .state = State::Moving};
    EXPECT_EQ(progressText(transfer), "sending a\xEF\xBF\xBD.bin: 50 % of 1.0 KiB");
    transfer.state = State::Hashing;
    EXPECT_EQ(progressText(transfer), "hashing a\xEF\xBF\xBD.bin: 50 % of 1.0 KiB");
    transfer.upload = false;
    EXPECT_EQ(progressText(transfer), "receiving a\xEF\xBF\xBD.bin: 50 % of 1.0 KiB, waiting");
    transfer.state = State::Waiting;
    EXPECT_EQ(progressText(transfer), "receiving a\xEF\xBF\xBD.bin: 50 % of 1.0 KiB, waiting");
}

TEST(ProgressSteps, AreAtMostNinePerTransfer) {
    ProgressSteps steps;
    int lines = 0;
    for (uint64_t done = 0; done <= 1000; ++done) lines += steps.isDue(progress(done, 1000));
    EXPECT_EQ(lines, 9);
}

TEST(ProgressSteps, AreCountedForEachTransfer) {
    ProgressSteps steps;
    EXPECT_TRUE(steps.isDue(progress(10, 100, "1")));
    EXPECT_TRUE(steps.isDue(progress(10, 100, "2")));
    EXPECT_FALSE(steps.isDue(progress(19, 100, "1")));
    EXPECT_FALSE(steps.isDue(progress(100, 100, "1")));
    EXPECT_TRUE(steps.isDue(progress(10, 100, "1"))) << "it began again";
}

TEST(ProgressSteps, BeginAnewAfterAnEndInTheMiddle) {
    ProgressSteps steps;
    EXPECT_TRUE(steps.isDue(progress(90, 100)));
    steps.over(event::Refused{.id = "1", .upload = true});
    EXPECT_TRUE(steps.isDue(progress(10, 100)));
}

}  // namespace
}  // namespace netchat::connect
