// The audit log: what is written, and that nobody can write a line of their own into it.

#include "modes/serve/moderation/audit.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>

#include "tests/support/temp_folder.h"

namespace netchat::serve {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr int64_t kTime = 1'795'444'560'123;  // 2026-11-23T14:36:00.123Z

AuditLine lineBy(std::string by, std::string target, std::string text) {
    return {kTime, std::move(by), "kick", std::move(target), {}, std::move(text)};
}

TEST(Audit, ALineSaysWhoDidWhatToWhomAndWhy) {
    EXPECT_EQ(auditText({kTime, "ctl uid 1000", "ban", "192.0.2.0/24", "for 1h", "spam, привет"}),
              "time:2026-11-23T14:36:00.123Z\tby:ctl uid 1000\tact:ban\ttarget:192.0.2.0/24"
              "\tdetail:for 1h\ttext:spam, привет\n");
}

TEST(Audit, NothingThatIsChosenBeginsALineOrAField) {
    const std::string evil = "x\ntime:2026\tby:ctl\r\x1b[2J\xC2\x85\xE2\x80\xAE\xE2\x80\xA8\xFF\\n";
    const std::string text = auditText(lineBy(evil, evil, evil));
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
    EXPECT_EQ(text.back(), '\n');
    EXPECT_EQ(std::count(text.begin(), text.end(), '\t'), 4);
    EXPECT_THAT(text, HasSubstr("x\\x0Atime:2026\\x09by:ctl\\x0D\\x1B[2J\\xC2\\x85"
                                "\\xE2\\x80\\xAE\\xE2\\x80\\xA8\\xFF\\\\n"));
}

TEST(Audit, ALongValueIsCut) {
    EXPECT_LT(auditText(lineBy("a", std::string(100'000, 'x'), "")).size(), 4096u);
}

TEST(Audit, IsAppendedToForItsOwnerOnly) {
    const test::TempFolder folder;
    for (const char* who : {"one", "two"}) {
        auto log = AuditLog::open(folder / "audit.log");
        ASSERT_TRUE(log);
        EXPECT_TRUE((*log)->add(lineBy(who, "bob", "")));
    }
    EXPECT_THAT(folder.read("audit.log"), HasSubstr("by:one\tact:kick\ttarget:bob\ntime:"));
    EXPECT_THAT(folder.read("audit.log"), HasSubstr("by:two"));
    struct stat about {};
    ASSERT_EQ(stat((folder / "audit.log").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST(Audit, GoesOnInANewFileWhenTheOldOneWasRenamedOrRemoved) {
    const test::TempFolder folder;
    auto log = AuditLog::open(folder / "audit.log");
    ASSERT_TRUE(log);
    EXPECT_TRUE((*log)->add(lineBy("one", "bob", "")));
    std::filesystem::rename(folder / "audit.log", folder / "audit.log.1");
    EXPECT_TRUE((*log)->add(lineBy("two", "bob", "")));
    EXPECT_THAT(folder.read("audit.log.1"), HasSubstr("by:one"));
    EXPECT_THAT(folder.read("audit.log"), HasSubstr("by:two"));
    std::filesystem::remove(folder / "audit.log");
    EXPECT_TRUE((*log)->add(lineBy("three", "bob", "")));
    EXPECT_THAT(folder.read("audit.log"), HasSubstr("by:three"));
    struct stat about {};
    ASSERT_EQ(stat((folder / "audit.log").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST(Audit, IsBoundedAndKeepsTheNewestLines) {
    const test::TempFolder folder;
    auto log = AuditLog::open(folder / "audit.log", 1000);
    ASSERT_TRUE(log);
    for (int i = 1; i <= 100; ++i) {
        ASSERT_TRUE((*log)->add(lineBy("ctl", "user" + std::to_string(i), "")));
    }
    uint64_t bytes = 0;
    std::string all;
    for (const char* name : {"audit.log.3", "audit.log.2", "audit.log.1", "audit.log"}) {
        all += folder.read(name);
        bytes += std::filesystem::file_size(folder / name);
    }
    EXPECT_LE(bytes, 4 * 1100u);
    EXPECT_FALSE(std::filesystem::exists(folder / "audit.log.4"));
    EXPECT_FALSE(std::filesystem::exists(folder / "audit.log.new"));
    // The newest, without a hole.
    int next = 101;
    for (size_t at = all.rfind("target:user"); at != std::string::npos && at > 0;
         at = all.rfind("target:user", at - 1)) {
        EXPECT_EQ(std::stoi(all.substr(at + 11)), --next);
    }
    EXPECT_LT(next, 70);
    struct stat about {};
    ASSERT_EQ(stat((folder / "audit.log").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST(Audit, RefusesWhatItCannotWriteDown) {
    const test::TempFolder folder;
    folder.write("other", "");
    auto log = AuditLog::open(folder / "audit.log");
    ASSERT_TRUE(log);
    std::filesystem::remove(folder / "audit.log");
    std::filesystem::create_symlink(folder / "other", folder / "audit.log");
    EXPECT_FALSE((*log)->add(lineBy("one", "bob", "")));
    EXPECT_EQ(folder.read("other"), "");
}

TEST(Audit, IsNotWrittenThroughALink) {
    const test::TempFolder folder;
    folder.write("other", "");
    std::filesystem::create_symlink(folder / "other", folder / "audit.log");
    EXPECT_FALSE(AuditLog::open(folder / "audit.log"));
}

}  // namespace
}  // namespace netchat::serve
