// What ends up in the downloads folder, and what never does.

#include "modes/client/incoming_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/support/temp_folder.h"
#include "tests/support/unprivileged.h"

namespace netchat::client {
namespace {

using test::TempFolder;
using ::testing::HasSubstr;

constexpr std::string_view kHello = "hello";
constexpr std::string_view kHelloHash =
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

Result<Incoming::Placed> receive(const TempFolder& folder, std::string_view name,
                                 std::string_view sha256 = kHelloHash) {
    auto file = IncomingFile::create({folder.path()}, name, kHello.size());
    if (!file) return file.error();
    if (auto status = (*file)->write(kHello); !status) return status.error();
    return (*file)->place(sha256);
}

TEST(IncomingFile, IsPlacedUnderItsNameAndNeverExecutable) {
    TempFolder folder;
    const auto placed = receive(folder, "run.sh");
    ASSERT_TRUE(placed) << placed.error().text;
    EXPECT_EQ(placed->path, (folder / "run.sh").native());
    EXPECT_EQ(folder.read("run.sh"), kHello);
    struct stat info {};
    ASSERT_EQ(::stat(placed->path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0111, 0u);
    EXPECT_EQ(folder.count(), 1u);
}

TEST(IncomingFile, NeverOverwritesButNumbers) {
    TempFolder folder;
    folder.write("a.txt", "mine!");
    folder.write("a (2).txt", "other");
    EXPECT_EQ(receive(folder, "a.txt")->path, (folder / "a (3).txt").native());
    EXPECT_EQ(folder.read("a.txt"), "mine!");
    EXPECT_EQ(folder.read("a (2).txt"), "other");
    EXPECT_EQ(folder.count(), 3u);
}

// Two runs that receive at once meet where each puts its own.
TEST(IncomingFile, TheSameBytesAreNotNumbered) {
    TempFolder folder;
    folder.write("a.txt", "other");
    folder.write("a (2).txt", kHello);
    const auto placed = receive(folder, "a.txt");
    ASSERT_TRUE(placed);
    EXPECT_EQ(placed->path, (folder / "a (2).txt").native());
    EXPECT_TRUE(placed->wasThere);
    EXPECT_EQ(folder.count(), 2u);
}

TEST(IncomingFile, TheSameBytesThatAreThereAreNotFetched) {
    TempFolder folder;
    folder.write("a.txt", "other");
    folder.write("a (2).txt", "longer than it");
    folder.write("a (3).txt", kHello);
    auto file = IncomingFile::create({folder.path()}, "a.txt", kHello.size(), kHelloHash);
    ASSERT_TRUE(file);
    while ((*file)->rehash()) {
    }
    EXPECT_EQ((*file)->received(), kHello.size()) << "nothing is to be fetched";
    const auto placed = (*file)->place(kHelloHash);
    ASSERT_TRUE(placed) << placed.error().text;
    EXPECT_EQ(placed->path, (folder / "a (3).txt").native());
    EXPECT_EQ(placed->sha256, kHelloHash);
    EXPECT_TRUE(placed->wasThere);
    file->reset();
    EXPECT_EQ(folder.count(), 3u) << "a temporary was left behind";
}

TEST(IncomingFile, WhatHasOtherBytesOrIsALinkIsFetched) {
    TempFolder folder, elsewhere;
    elsewhere.write("hello", kHello);
    std::filesystem::create_symlink(elsewhere / "hello", folder / "a.txt");
    folder.write("a (2).txt", "HELLO");
    auto file = IncomingFile::create({folder.path()}, "a.txt", kHello.size(), kHelloHash);
    ASSERT_TRUE(file);
    while ((*file)->rehash()) {
    }
    EXPECT_EQ((*file)->received(), 0u);
    ASSERT_TRUE((*file)->write(kHello));
    EXPECT_EQ((*file)->place(kHelloHash)->path, (folder / "a (3).txt").native());
}

TEST(IncomingFile, AnEmptyFileThatIsThereIsTheSame) {
    TempFolder folder;
    folder.write("a.txt", "");
    auto file =
        IncomingFile::create({folder.path()}, "a.txt", 0,
                             "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    ASSERT_TRUE(file);
    while ((*file)->rehash()) {
    }
    const auto placed = (*file)->place();
    ASSERT_TRUE(placed);
    EXPECT_TRUE(placed->wasThere);
    file->reset();
    EXPECT_EQ(folder.count(), 1u);
}

TEST(IncomingFile, WithoutAFolderNothingIsReceived) {
    const auto file = IncomingFile::create({}, "a.txt", 1);
    ASSERT_FALSE(file);
    EXPECT_THAT(file.error().text, HasSubstr("--downloads DIR"));
}

TEST(IncomingFile, FollowsNoLinkThatHasItsName) {
    TempFolder folder, elsewhere;
    std::filesystem::create_symlink(elsewhere / "target", folder / "a.txt");
    EXPECT_EQ(receive(folder, "a.txt")->path, (folder / "a (2).txt").native());
    EXPECT_EQ(elsewhere.count(), 0u);
}

TEST(IncomingFile, NoNameLeadsOutOfTheFolder) {
    const std::string hostile[] = {"../../etc/passwd",
                                   "/etc/passwd",
                                   "..",
                                   ".",
                                   "",
                                   ".bashrc",
                                   "a/b",
                                   "..\\..\\x",
                                   "\x1b[2J",
                                   std::string("a\0b", 3),
                                   std::string(5000, 'x'),
                                   std::string(254, 'x') + "\xc3\xa9.txt",
                                   "\xff\xfe",
                                   "con\n.txt"};
    TempFolder outer;
    std::filesystem::create_directory(outer / "in");
    size_t expected = 0;
    for (const std::string& name : hostile) {
        // Bytes of its own: the same ones under the same name would be one file.
        const std::string bytes = "hello " + std::to_string(expected);
        auto file = IncomingFile::create({outer / "in"}, name, bytes.size());
        ASSERT_TRUE(file) << file.error().text;
        ASSERT_TRUE((*file)->write(bytes));
        const auto placed = (*file)->place();
        ASSERT_TRUE(placed) << placed.error().text;
        EXPECT_EQ(std::filesystem::path(placed->path).parent_path(), outer / "in");
        EXPECT_NE(std::filesystem::path(placed->path).filename().native().front(), '.');
        ++expected;
    }
    EXPECT_EQ(outer.count(), 1u);
    const auto count = std::distance(std::filesystem::directory_iterator(outer / "in"), {});
    EXPECT_EQ(static_cast<size_t>(count), expected);
}

TEST(IncomingFile, WrongBytesAreRefusedAndRemoved) {
    TempFolder folder;
    const auto placed = receive(folder, "a.txt", std::string(64, '0'));
    ASSERT_FALSE(placed);
    EXPECT_EQ(placed.error().code, ErrorCode::BadHash);
    EXPECT_EQ(folder.count(), 0u);
}

TEST(IncomingFile, TooFewAndTooManyBytesAreRefused) {
    TempFolder folder;
    auto file = IncomingFile::create({folder.path()}, "a.txt", 10);
    ASSERT_TRUE((*file)->write(kHello));
    EXPECT_EQ((*file)->write("123456").error().code, ErrorCode::BadHash);
    const auto placed = (*file)->place();
    ASSERT_FALSE(placed);
    EXPECT_THAT(placed.error().text, HasSubstr("only 5 of 10 bytes"));
    file->reset();
    EXPECT_EQ(folder.count(), 0u);
}

TEST(IncomingFile, IsHiddenAndPrivateUntilItIsPlacedAndGoneIfItNeverIs) {
    TempFolder folder;
    {
        auto file = IncomingFile::create({folder.path()}, "a.txt", 10);
        ASSERT_TRUE(file);
        ASSERT_EQ(folder.count(), 1u);
        const auto entry = *std::filesystem::directory_iterator(folder.path());
        const std::string name = entry.path().filename().native();
        EXPECT_TRUE(name.starts_with(".netchat-")) << name;
        EXPECT_TRUE(name.ends_with(".part")) << name;
        struct stat info {};
        ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777, 0600u);
    }
    EXPECT_EQ(folder.count(), 0u);
}

TEST(IncomingFile, DiscardingChecksAndWritesNothing) {
    TempFolder folder;
    auto file = IncomingFile::create({folder / "never-made", true}, "a.txt", kHello.size());
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->write(kHello));
    const auto placed = (*file)->place(kHelloHash);
    ASSERT_TRUE(placed);
    EXPECT_EQ(placed->path, "");
    EXPECT_EQ(folder.count(), 0u);
}

TEST(IncomingFile, WhyAFolderCannotBeMadeIsSaid) {
    namespace fs = std::filesystem;
    TempFolder folder;
    fs::create_directory(folder / "locked");
    fs::permissions(folder.path(), fs::perms(0755));
    fs::permissions(folder / "locked", fs::perms(0555));
    const test::Unprivileged nobody;
    if (!nobody.good()) GTEST_SKIP() << "nobody else can be had here";
    const auto file = IncomingFile::create({folder / "locked/a/b"}, "a.txt", 1);
    ASSERT_FALSE(file);
    EXPECT_THAT(file.error().text, HasSubstr("a/b: Permission denied"));
}

TEST(IncomingFile, AFolderThatCannotBeUsedIsNamed) {
    TempFolder folder;
    folder.write("file", "");
    const auto file = IncomingFile::create({folder / "file"}, "a.txt", 1);
    ASSERT_FALSE(file);
    EXPECT_THAT(file.error().text, HasSubstr("downloads folder"));
}

}  // namespace
}  // namespace netchat::client
