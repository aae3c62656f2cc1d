// The lines of the control socket.

#include "modes/serve/control/control_json.h"

#include <gmock/gmock.h>

namespace netchat::serve {
namespace {

using ::testing::HasSubstr;

std::string withoutEnd(std::string line) {
    EXPECT_EQ(line.back(), '\n');
    line.pop_back();
    return line;
}

TEST(ControlJson, AnOrderComesAsItWasGiven) {
    const AdminCommand given{AdminAction::Mute, "боб\t\"x\"", "spam\nand more", 600'000};
    const std::string line = withoutEnd(toJsonLine(given));
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto order = orderOf(line);
    ASSERT_TRUE(order);
    EXPECT_EQ(order->act, AdminAction::Mute);
    EXPECT_EQ(order->target, given.target);
    EXPECT_EQ(order->text, given.text);
    EXPECT_EQ(order->forMs, 600'000);
    EXPECT_FALSE(orderOf(withoutEnd(toJsonLine({AdminAction::Motd})))->text);
    EXPECT_TRUE(orderOf(withoutEnd(toJsonLine({AdminAction::Motd, "", ""})))->text);
}

TEST(ControlJson, EveryActHasItsName) {
    for (int act = 0; act <= static_cast<int>(AdminAction::Deop); ++act) {
        EXPECT_EQ(actionNamed(actionName(static_cast<AdminAction>(act))),
                  static_cast<AdminAction>(act));
    }
    EXPECT_FALSE(actionNamed("shout"));
    EXPECT_FALSE(actionNamed(""));
}

TEST(ControlJson, WhatIsNoRequestIsAnError) {
    for (const char* line :
         {"", "{", "[]", "null", "7", "\"who\"", "{}", "{\"v\":1}", "{\"v\":2,\"act\":\"who\"}",
          "{\"v\":\"x\",\"act\":\"who\"}", "{\"v\":1,\"act\":\"shout\"}", "{\"v\":1,\"act\":7}",
          "{\"v\":1,\"act\":[]}", "{\"v\":1,\"act\":\"kick\",\"target\":{}}",
          "{\"v\":1,\"act\":\"ban\",\"for_ms\":\"long\"}", "\xFF\xFE"}) {
        const auto order = orderOf(line);
        EXPECT_FALSE(order) << line;
        if (order) continue;
        EXPECT_THAT(order.error().text, HasSubstr("invalid request"));
    }
    EXPECT_FALSE(orderOf(std::string(60'000, '[')));
    EXPECT_FALSE(orderOf(std::string(30'000, '{') + "\"v\":1"));
}

TEST(ControlJson, AnAnswerIsItsRowsAndItsEnd) {
    Answer answer;
    answer.rows.push_back({{"nick", std::string("b\"ob\n")},
                           {"user", int64_t{2}},
                           {"tls", true},
                           {"rooms", std::vector<std::string>{"a", "b"}}});
    EXPECT_EQ(toJsonLines(answer),
              "{\"nick\":\"b\\\"ob\\n\",\"user\":2,\"tls\":true,\"rooms\":[\"a\",\"b\"]}\n"
              "{\"v\":1,\"ok\":true,\"text\":\"\"}\n");
    EXPECT_EQ(toJsonLines({Error{ErrorCode::NoSuchNick, "nobody"}}),
              "{\"v\":1,\"ok\":false,\"code\":\"no-such-nick\",\"text\":\"nobody\"}\n");
    EXPECT_THAT(toJsonLines({Ok{}, "\xFF"}), HasSubstr("\xEF\xBF\xBD"));
}

}  // namespace
}  // namespace netchat::serve
