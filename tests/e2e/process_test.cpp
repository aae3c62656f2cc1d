// What a server that root starts gives up, and what the program that is shipped is hardened by.

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace netchat::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// A line of /proc/PID/status, without its name.
std::string statusOf(pid_t pid, const std::string& name) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.rfind(name + ":\t", 0) == 0) return line.substr(name.size() + 2);
    }
    return "no " + name;
}

std::string contentOf(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

// A folder that others than its maker may look into; TempFolder's own is private.
class Serving : public testing::Test {
  protected:
    void SetUp() override {
        if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
        const passwd* const nobody = getpwnam("nobody");
        ASSERT_NE(nobody, nullptr);
        uid_ = nobody->pw_uid;
        gid_ = nobody->pw_gid;
        fs::permissions(folder_.path(), fs::perms(0755));
    }

    TempFolder folder_;
    uid_t uid_ = 0;
    gid_t gid_ = 0;
};

TEST_F(Serving, AsAnotherUserKeepsNothingOfRoot) {
    ServerProcess server({"--user", "nobody", "--data", "none"});
    const pid_t pid = server.process().pid();
    const std::string user = std::to_string(uid_), group = std::to_string(gid_);
    EXPECT_EQ(statusOf(pid, "Uid"), user + "\t" + user + "\t" + user + "\t" + user);
    EXPECT_EQ(statusOf(pid, "Gid"), group + "\t" + group + "\t" + group + "\t" + group);
    EXPECT_EQ(statusOf(pid, "Groups"), group + " ");
    EXPECT_EQ(statusOf(pid, "CapPrm"), "0000000000000000");
    EXPECT_EQ(statusOf(pid, "CapEff"), "0000000000000000");
}

TEST_F(Serving, AsAnotherUserKeepsItsDataAsThatUserAlone) {
    const fs::path data = folder_.path() / "data";
    ServerProcess server({"--user", "nobody", "--data", data});
    struct stat of {};
    size_t seen = 0;
    ASSERT_EQ(lstat(data.c_str(), &of), 0);
    EXPECT_EQ(of.st_uid, uid_);
    EXPECT_EQ(of.st_mode & 0777U, 0700U);
    for (const auto& entry : fs::recursive_directory_iterator(data)) {
        ASSERT_EQ(lstat(entry.path().c_str(), &of), 0);
        EXPECT_EQ(of.st_uid, uid_) << entry.path();
        EXPECT_EQ(of.st_mode & 077U, 0U) << entry.path();
        ++seen;
    }
    EXPECT_GE(seen, 6U);
    Process ctl({"ctl", "--data", data, "stats"});
    EXPECT_EQ(ctl.waitForExit(), 0) << ctl.errors();
    EXPECT_THAT(ctl.output(), HasSubstr("descriptors"));
}

TEST_F(Serving, AsAnotherUserBindsAPortThatOnlyRootMay) {
    // Which one is free is not ours to say; one of these is.
    for (const std::string port : {"871", "872", "873", "874"}) {
        Process server({"serve", "--port", port, "--user", "nobody", "--data", "none"});
        try {
            server.waitForLine("netchat listening on 127.0.0.1:" + port);
        } catch (const std::runtime_error&) {
            continue;
        }
        EXPECT_EQ(statusOf(server.pid(), "Uid").substr(0, std::to_string(uid_).size()),
                  std::to_string(uid_));
        return;
    }
    FAIL() << "no port below 1024 could be bound";
}

TEST_F(Serving, AFolderThatTheUserMayNotUseIsNamed) {
    const fs::path data = folder_.path() / "of-root";
    fs::create_directory(data);
    fs::permissions(data, fs::perms(0700));
    Process server({"serve", "--port", "0", "--user", "nobody", "--data", data});
    EXPECT_EQ(server.waitForExit(), 3);
    EXPECT_THAT(server.errors(), HasSubstr("the data folder " + data.string() + " cannot be used"));
    EXPECT_TRUE(fs::is_empty(data));
}

TEST_F(Serving, ALinkInPlaceOfTheDataFolderIsNotGivenAway) {
    const fs::path mine = folder_.path() / "mine";
    fs::create_directory(mine);
    fs::permissions(mine, fs::perms(0700));
    fs::create_symlink(mine, folder_.path() / "link");
    Process server({"serve", "--port", "0", "--user", "nobody", "--data", folder_.path() / "link"});
    EXPECT_EQ(server.waitForExit(), 3);
    struct stat of {};
    ASSERT_EQ(stat(mine.c_str(), &of), 0);
    EXPECT_EQ(of.st_uid, 0U);
}

struct Refusal {
    std::string name;
    std::vector<std::string> arguments;
    std::string says;
};

void PrintTo(const Refusal& refusal, std::ostream* out) {
    *out << refusal.name;
}

class UserRefused : public testing::TestWithParam<Refusal> {};

TEST_P(UserRefused, WithOneLineThatSaysWhatWouldBeRight) {
    if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
    Process server(GetParam().arguments);
    EXPECT_EQ(server.waitForExit(), 64);
    EXPECT_THAT(server.errors(), HasSubstr(GetParam().says));
    EXPECT_EQ(server.output(), "");
}

INSTANTIATE_TEST_SUITE_P(
    All, UserRefused,
    testing::Values(Refusal{"unknown",
                            {"serve", "--user", "no-such-user", "--data", "none"},
                            "unknown user 'no-such-user'; create one with useradd"},
                    Refusal{"root",
                            {"serve", "--user", "root", "--data", "none"},
                            "refusing to run as root; name an unprivileged user"},
                    Refusal{"no_data", {"serve", "--user", "nobody"}, "--user requires --data"}),
    [](const auto& of) { return of.param.name; });

#ifdef NETCHAT_HARDENED
// As elf(5) has it: the program says itself what its loader does and what it calls.
TEST(Program, ThatIsShippedIsHardened) {
    const std::string image = contentOf(NETCHAT_BINARY);
    Elf64_Ehdr head{};
    ASSERT_GE(image.size(), sizeof head);
    std::memcpy(&head, image.data(), sizeof head);
    EXPECT_EQ(head.e_type, ET_DYN) << "not position independent";

    bool relro = false, stackRuns = true;
    std::map<Elf64_Sxword, Elf64_Xword> dynamic;
    for (size_t i = 0; i < head.e_phnum; ++i) {
        Elf64_Phdr segment{};
        std::memcpy(&segment, image.data() + head.e_phoff + i * sizeof segment, sizeof segment);
        relro = relro || segment.p_type == PT_GNU_RELRO;
        if (segment.p_type == PT_GNU_STACK) stackRuns = (segment.p_flags & PF_X) != 0;
        if (segment.p_type != PT_DYNAMIC) continue;
        for (size_t at = 0; at + sizeof(Elf64_Dyn) <= segment.p_filesz; at += sizeof(Elf64_Dyn)) {
            Elf64_Dyn entry{};
            std::memcpy(&entry, image.data() + segment.p_offset + at, sizeof entry);
            dynamic[entry.d_tag] = entry.d_un.d_val;
        }
    }
    EXPECT_TRUE(relro);
    EXPECT_TRUE((dynamic[DT_FLAGS] & DF_BIND_NOW) != 0 || (dynamic[DT_FLAGS_1] & DF_1_NOW) != 0);
    EXPECT_TRUE((dynamic[DT_FLAGS_1] & DF_1_PIE) != 0);
    EXPECT_FALSE(stackRuns);
    EXPECT_NE(image.find("__stack_chk_fail"), std::string::npos);
    EXPECT_NE(image.find("__snprintf_chk"), std::string::npos);
    EXPECT_NE(image.find("__glibcxx_assert_fail"), std::string::npos);
}
#endif

}  // namespace
}  // namespace netchat::test
