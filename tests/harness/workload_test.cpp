#include "harness/plan/workload.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "protocol/names.h"

namespace netchat::harness {
namespace {

using testing::HasSubstr;

Workload planned(const WorkloadOptions& options) {
    auto workload = plan(options);
    EXPECT_TRUE(workload) << workload.error().text;
    return std::move(*workload);
}

TEST(Workload, IsTheSameForTheSameSeed) {
    const WorkloadOptions options{
        .seed = 9, .bots = 20, .rooms = 5, .files = 3, .classicShare = 0.5};
    const Workload a = planned(options), b = planned(options);
    for (size_t i = 0; i < a.bots.size(); ++i) {
        EXPECT_EQ(a.bots[i].nick, b.bots[i].nick);
        EXPECT_EQ(a.bots[i].rooms, b.bots[i].rooms);
    }
    const Workload other = planned({.seed = 10, .bots = 20});
    EXPECT_NE(other.bots[0].nick, a.bots[0].nick);
}

TEST(Workload, HasAsManyClassicBotsAsAskedForAndOnlyInTheLobby) {
    const Workload w = planned({.seed = 1, .bots = 200, .rooms = 7, .classicShare = 0.25});
    EXPECT_EQ(std::count_if(w.bots.begin(), w.bots.end(), [](auto& b) { return b.classic; }), 50);
    for (const BotPlan& bot : w.bots) {
        EXPECT_EQ(bot.rooms.front(), 0);
        EXPECT_TRUE(!bot.classic || bot.rooms.size() == 1U);
        for (const Utterance& say : bot.says) {
            EXPECT_THAT(bot.rooms, testing::Contains(say.room));
        }
    }
    EXPECT_EQ(w.rooms.front(), kLobby);
}

TEST(Workload, GivesEveryBotItsMessagesAndDistinctValidNames) {
    const Workload w = planned({.seed = 1, .bots = 30, .messages = 12, .rooms = 4, .files = 5});
    std::set<std::string> names;
    for (const BotPlan& bot : w.bots) {
        EXPECT_EQ(bot.says.size(), 12U);
        EXPECT_TRUE(checkNick(bot.nick));
        names.insert(bot.nick);
    }
    EXPECT_EQ(names.size(), 30U);
    EXPECT_EQ(w.messages, 360U);
    for (const std::string& room : w.rooms) EXPECT_TRUE(checkRoom(room));
    for (const FilePlan& file : w.files) {
        EXPECT_TRUE(checkFileName(file.name));
        EXPECT_EQ(classicFileAnnouncement(file.name), file.name + "%");
        EXPECT_TRUE(names.insert(file.name).second);
    }
}

TEST(Workload, SpreadsFilesOverDifferentSenders) {
    const Workload w = planned({.seed = 1, .bots = 5, .files = 5});
    std::set<uint32_t> senders;
    for (const FilePlan& file : w.files) senders.insert(file.sender);
    EXPECT_EQ(senders.size(), 5U);
}

TEST(Workload, SpacesMessagesByTheRate) {
    const Workload w = planned({.seed = 1, .bots = 2, .messages = 2, .perSecond = 100});
    EXPECT_EQ(w.bots[0].says[0].dueNs, 0);
    EXPECT_EQ(w.bots[1].says[0].dueNs, 10'000'000);
    EXPECT_EQ(w.bots[0].says[1].dueNs, 20'000'000);
}

TEST(Workload, LetsOthersProbeThanThoseWhoGo) {
    const Workload w = planned({.seed = 3, .bots = 6, .churn = 4});
    size_t absences = 0;
    for (const BotPlan& bot : w.bots) absences += bot.absence.has_value();
    EXPECT_EQ(absences, 4U);
    ASSERT_EQ(w.probers.size(), 2U);
    for (const uint32_t prober : w.probers) EXPECT_FALSE(w.bots[prober].absence);
}

TEST(Workload, NamesTheOptionThatDoesNotFit) {
    const auto errorOf = [](const WorkloadOptions& options) {
        const auto result = plan(options);
        return result ? std::string() : result.error().text;
    };
    EXPECT_THAT(errorOf({.bots = 0}), HasSubstr("--bots"));
    EXPECT_THAT(errorOf({.rooms = 0}), HasSubstr("--rooms"));
    EXPECT_THAT(errorOf({.textBytes = 10}), HasSubstr("--size"));
    EXPECT_THAT(errorOf({.textBytes = 1 << 20}), HasSubstr("--size"));
    EXPECT_THAT(errorOf({.classicShare = 1.5}), HasSubstr("--classic-share"));
    EXPECT_THAT(errorOf({.perSecond = -1}), HasSubstr("--rate"));
    EXPECT_THAT(errorOf({.window = 0}), HasSubstr("--window"));
    EXPECT_THAT(errorOf({.bots = 2, .churn = 3}), HasSubstr("--churn"));
    EXPECT_THAT(errorOf({.bots = 15000, .messages = 1'000'000}), HasSubstr("--messages"));
    EXPECT_THAT(errorOf({.files = 1, .fileBytes = 0}), HasSubstr("--file-size"));
}

}  // namespace
}  // namespace netchat::harness
