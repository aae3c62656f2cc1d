#include "modes/serve/limits/password.h"

#include <gmock/gmock.h>

#include <future>

namespace netchat::serve {
namespace {

// RFC 7914, 12, with a cost that tests can bear: the second of its vectors.
constexpr const char* kLine =
    "scrypt:10:8:16:4e61436c4e61436c4e61436c4e61436c:"
    "0000000000000000000000000000000000000000000000000000000000000000";

Status checked(PasswordGate& gate, std::string password, const char* address = "192.0.2.1") {
    std::promise<Status> answer;
    gate.check(std::move(password), Poco::Net::IPAddress(address),
               [&](Status status) { answer.set_value(std::move(status)); });
    return answer.get_future().get();
}

TEST(PasswordGate, KnowsThePasswordThatItsLineWasMadeOf) {
    const std::string line = passwordLine("secret");
    EXPECT_NE(line, passwordLine("secret")) << "the salt is new each time";
    auto gate = PasswordGate::of(line);
    ASSERT_TRUE(gate);
    EXPECT_TRUE(checked(**gate, "secret"));
    for (const char* wrong : {"", "Secret", "secre", "secret "}) {
        const auto status = checked(**gate, wrong);
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().code, ErrorCode::BadPassword);
    }
}

TEST(PasswordGate, RefusesLinesThatAreNone) {
    EXPECT_TRUE(PasswordGate::of(kLine));
    for (const char* line :
         {"", "secret", "scrypt", "scrypt:10:8:1::", "scrypt:0:8:1:4e:00", "scrypt:60:8:1:4e:00",
          "bcrypt:10:8:1:4e61436c4e61436c4e61436c4e61436c:00", "scrypt:10:8:1:zz:zz"}) {
        const auto gate = PasswordGate::of(line);
        ASSERT_FALSE(gate) << line;
        EXPECT_THAT(gate.error().text, ::testing::HasSubstr("--make-password"));
    }
}

TEST(PasswordGate, AnAddressTriesTenTimesAtOnceAndOthersAreNotConcerned) {
    auto gate = PasswordGate::of(kLine);
    ASSERT_TRUE(gate);
    ErrorCode last = ErrorCode::Internal;
    for (int i = 0; i < 11; ++i) last = checked(**gate, "guess").error().code;
    EXPECT_EQ(last, ErrorCode::TooFast);
    EXPECT_EQ(checked(**gate, "guess", "192.0.2.2").error().code, ErrorCode::BadPassword);
}

TEST(PasswordGate, AnIPv6NetworkTriesAsOneAddress) {
    auto gate = PasswordGate::of(kLine);
    ASSERT_TRUE(gate);
    ErrorCode last = ErrorCode::Internal;
    for (int i = 0; i < 11; ++i) {
        const std::string address = "2001:db8::" + std::to_string(i + 1);
        last = checked(**gate, "guess", address.c_str()).error().code;
    }
    EXPECT_EQ(last, ErrorCode::TooFast);
    EXPECT_EQ(checked(**gate, "guess", "2001:db8:0:1::1").error().code, ErrorCode::BadPassword);
}

TEST(PasswordGate, SoManyTriesAMinuteAsItIsMadeWith) {
    auto gate = PasswordGate::of(kLine, 2);
    ASSERT_TRUE(gate);
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(checked(**gate, "guess").error().code, ErrorCode::BadPassword);
    }
    EXPECT_EQ(checked(**gate, "guess").error().code, ErrorCode::TooFast);
}

TEST(PasswordGate, ACrowdOfOneAddressKeepsNobodyElseOut) {
    auto gate = PasswordGate::of(passwordLine("secret"));
    ASSERT_TRUE(gate);
    for (int i = 0; i < 200; ++i) {
        (*gate)->check("guess", Poco::Net::IPAddress("192.0.2.1"), [](const Status&) {});
    }
    EXPECT_TRUE(checked(**gate, "secret", "192.0.2.2"));
}

TEST(PasswordGate, WhoKnowsItMayComeAsOftenAsTheyLike) {
    auto gate = PasswordGate::of(passwordLine("secret"));
    ASSERT_TRUE(gate);
    for (int i = 0; i < 15; ++i) EXPECT_TRUE(checked(**gate, "secret"));
}

TEST(PasswordGate, TooManyAtOnceAreToldSo) {
    auto gate = PasswordGate::of(passwordLine("secret"));
    ASSERT_TRUE(gate);
    std::atomic<int> many{0};
    for (int i = 0; i < 200; ++i) {
        (*gate)->check("secret", Poco::Net::IPAddress("192.0.2.1"), [&](const Status& status) {
            many += !status && status.error().code == ErrorCode::TooMany;
        });
    }
    gate->reset();
    EXPECT_GE(many, 100);
}

}  // namespace
}  // namespace netchat::serve
