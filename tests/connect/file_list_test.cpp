#include "modes/connect/file_list.h"

#include <gtest/gtest.h>

namespace netchat::connect {
namespace {

namespace event = client::event;

const std::string kHashA(64, 'a'), kHashB(64, 'b');

event::File file(std::string_view name, std::string_view sha256) {
    return {.room = "lobby", .from = "al", .name = name, .sha256 = sha256};
}

TEST(FileList, FindsByNumberNameAndHash) {
    FileList files;
    files.announced(file("a.txt", kHashA), true);
    files.announced(file("b.txt", kHashB), false);
    EXPECT_EQ(files.find("1")->name, "a.txt");
    EXPECT_EQ(files.find("b.txt")->number, 2u);
    EXPECT_EQ(files.find("bbbbbbbb")->number, 2u);
    EXPECT_EQ(files.find("bbbbbbb"), nullptr);
    EXPECT_EQ(files.find("3"), nullptr);
    EXPECT_EQ(files.find(""), nullptr);
}

TEST(FileList, PrefersTheLatestOfAName) {
    FileList files;
    files.announced(file("a.txt", kHashA), true);
    files.announced(file("a.txt", kHashB), true);
    EXPECT_EQ(files.find("a.txt")->sha256, kHashB);
    EXPECT_EQ(files.find("1")->sha256, kHashA);
}

TEST(FileList, FollowsWhatBecomesOfAFile) {
    FileList files;
    files.announced(file("a.txt", kHashA), true);
    EXPECT_EQ(files.find("1")->state, KnownFile::State::Wanted);
    files.changed(kHashA, "a.txt", KnownFile::State::Received);
    EXPECT_EQ(files.find("1")->state, KnownFile::State::Received);
    auto again = file("a.txt", kHashA);
    again.history = true;
    files.announced(again, false);
    EXPECT_EQ(files.all().size(), 1u);
    EXPECT_EQ(files.find("1")->state, KnownFile::State::Received);
}

TEST(FileList, IsBounded) {
    FileList files;
    for (size_t i = 0; i < FileList::kFilesMax + 5; ++i) {
        files.announced(file("f" + std::to_string(i), kHashA), false);
    }
    EXPECT_EQ(files.all().size(), FileList::kFilesMax);
    EXPECT_EQ(files.all().front().number, 6u);
}

}  // namespace
}  // namespace netchat::connect
