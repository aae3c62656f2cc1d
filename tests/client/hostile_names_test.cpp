// What is received lies in the downloads folder, and nowhere else, whatever it is called and
// whatever lies there already.

#include "tests/support/hostile_names.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "modes/client/incoming_file.h"
#include "protocol/names.h"
#include "tests/support/temp_folder.h"

namespace netchat::client {
namespace {

namespace fs = std::filesystem;

class HostileDownloads : public ::testing::Test {
  protected:
    HostileDownloads() { fs::create_directory(downloads_.path); }

    std::string receive(std::string_view name, std::string_view bytes = "bytes") {
        auto file = IncomingFile::create(downloads_, name, bytes.size());
        if (!file) return file.error().text;
        EXPECT_TRUE((*file)->write(bytes));
        const auto placed = (*file)->place();
        EXPECT_TRUE(placed) << name;
        return placed ? placed->path : std::string();
    }
    // A regular file of ours, directly in the folder.
    void expectInside(const std::string& path) {
        struct stat about {};
        ASSERT_EQ(lstat(path.c_str(), &about), 0) << path;
        EXPECT_TRUE(S_ISREG(about.st_mode)) << path;
        EXPECT_EQ(about.st_mode & 0111, 0U) << path;
        EXPECT_EQ(fs::path(path).parent_path(), downloads_.path) << path;
    }

    test::TempFolder folder_;
    DownloadsFolder downloads_{folder_ / "downloads"};
};

TEST_F(HostileDownloads, EveryNameStaysInTheFolder) {
    size_t count = 0;
    for (const std::string& name : test::hostileNames()) {
        // Bytes of its own: the same ones under the same name would be one file.
        expectInside(receive(name, "bytes " + std::to_string(count)));
        ++count;
    }
    EXPECT_EQ(folder_.count(), 1U) << "nothing lies beside the folder";
    EXPECT_EQ(static_cast<size_t>(std::distance(fs::directory_iterator(downloads_.path), {})),
              count);
}

// Each hostile name as a part of a folder: whatever it is, the file lies below the one for
// downloads, and all folders on the way are folders.
TEST_F(HostileDownloads, EveryFolderStaysInTheFolder) {
    size_t count = 0;
    for (const std::string& name : test::hostileNames()) {
        for (const std::string& folder : {name, "a/" + name, name + "/b"}) {
            auto file = IncomingFile::create(
                downloads_, {.name = std::to_string(count++), .size = 5, .folder = folder});
            if (!file) {
                EXPECT_EQ(file.error().code, ErrorCode::BadName) << folder;
                continue;
            }
            EXPECT_TRUE((*file)->write("bytes"));
            const auto placed = (*file)->place();
            ASSERT_TRUE(placed) << folder << ": " << placed.error().text;
            const fs::path inside = fs::path(placed->path).lexically_relative(downloads_.path);
            fs::path at = downloads_.path;
            for (const fs::path& part : inside) {
                EXPECT_NE(part, "..") << folder;
                EXPECT_NE(part.native().front(), '.') << folder;
                at /= part;
                EXPECT_FALSE(fs::is_symlink(at)) << folder;
            }
            EXPECT_EQ(fs::canonical(placed->path), fs::canonical(downloads_.path) / inside);
        }
    }
    EXPECT_EQ(folder_.count(), 1U) << "nothing lies beside the folder";
}

TEST_F(HostileDownloads, NoFolderIsALinkThatLiesThere) {
    fs::create_directory(folder_ / "elsewhere");
    fs::create_directory_symlink("../elsewhere", downloads_.path / "project");
    folder_.write("downloads/file", "in the way");
    for (const char* folder : {"project", "project/src", "file", "file/x"}) {
        auto file = IncomingFile::create(downloads_, {.name = "x", .size = 5, .folder = folder});
        ASSERT_TRUE(file) << file.error().text;
        ASSERT_TRUE((*file)->write("bytes"));
        EXPECT_TRUE((*file)->place());
    }
    EXPECT_TRUE(fs::is_empty(folder_ / "elsewhere"));
    EXPECT_TRUE(fs::exists(downloads_.path / "project (2)/src/x"));
    EXPECT_TRUE(fs::exists(downloads_.path / "file (2)/x (2)/x"));
}

TEST_F(HostileDownloads, AFolderThatIsTooDeepIsNotBegun) {
    std::string deep = "a";
    for (int i = 1; i < 200; ++i) deep += "/a";
    const auto file = IncomingFile::create(downloads_, {.name = "x", .size = 5, .folder = deep});
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, ErrorCode::BadName);
    EXPECT_TRUE(fs::is_empty(downloads_.path));
}

TEST_F(HostileDownloads, ATimeInTheFutureIsNotSet) {
    const auto timeOf = [&](std::string_view name, int64_t mtimeMs) {
        auto file = IncomingFile::create(downloads_, {.name = name, .size = 5, .mtimeMs = mtimeMs});
        EXPECT_TRUE((*file)->write("bytes"));
        const auto placed = (*file)->place();
        struct stat about {};
        EXPECT_EQ(lstat(placed->path.c_str(), &about), 0);
        return static_cast<int64_t>(about.st_mtim.tv_sec);
    };
    const int64_t now = ::time(nullptr);
    EXPECT_EQ(timeOf("old", 1'700'000'000'123), 1'700'000'000);
    for (const int64_t odd : {int64_t{253'402'300'799'000}, INT64_MAX}) {
        const int64_t set = timeOf("odd" + std::to_string(odd), odd);
        EXPECT_GE(set, now - 60);
        EXPECT_LE(set, ::time(nullptr) + 1);
    }
    // What no file system has a number for is whatever it takes for it, but not the future.
    EXPECT_LE(timeOf("first", INT64_MIN), ::time(nullptr) + 1);
}

TEST_F(HostileDownloads, ATimeBefore1970IsSet) {
    const auto timeOf = [&](std::string_view name, std::optional<int64_t> mtimeMs) {
        auto file = IncomingFile::create(downloads_, {.name = name, .size = 5, .mtimeMs = mtimeMs});
        EXPECT_TRUE((*file)->write("bytes"));
        const auto placed = (*file)->place();
        struct stat about {};
        EXPECT_EQ(lstat(placed->path.c_str(), &about), 0);
        return about.st_mtim;
    };
    EXPECT_EQ(timeOf("epoch", 0).tv_sec, 0);
    EXPECT_EQ(timeOf("before", -1'500).tv_sec, -2);
    EXPECT_EQ(timeOf("half", -1'500).tv_nsec, 500'000'000);
    EXPECT_EQ(timeOf("in 1910", -1'893'456'000'000).tv_sec, -1'893'456'000);
    EXPECT_GE(timeOf("unknown", std::nullopt).tv_sec, ::time(nullptr) - 60);
}

TEST_F(HostileDownloads, NoLinkThatLiesThereIsFollowed) {
    folder_.write("precious", "untouched");
    fs::create_directory(folder_ / "elsewhere");
    const char* const targets[] = {"../precious", "../missing", "../elsewhere", "link0"};
    for (int i = 0; i < 4; ++i) {
        const std::string name = "link" + std::to_string(i);
        fs::create_symlink(targets[i], downloads_.path / name);
        const std::string path = receive(name);
        expectInside(path);
        EXPECT_NE(fs::path(path).filename(), name);
        EXPECT_TRUE(fs::is_symlink(downloads_.path / name));
    }
    EXPECT_EQ(folder_.read("precious"), "untouched");
    EXPECT_FALSE(fs::exists(folder_ / "missing"));
    EXPECT_TRUE(fs::is_empty(folder_ / "elsewhere"));
}

TEST_F(HostileDownloads, ALinkInThePlaceOfThePartialFileIsNotFollowed) {
    folder_.write("precious", "untouched");
    const std::string sha256(64, 'a');
    fs::create_symlink("../precious",
                       downloads_.path / (".netchat-" + sha256.substr(0, 32) + ".part"));
    auto file = IncomingFile::create(downloads_, "x", 5, sha256);
    ASSERT_TRUE(file);
    EXPECT_TRUE((*file)->write("bytes"));
    EXPECT_EQ(folder_.read("precious"), "untouched");
}

TEST_F(HostileDownloads, TwoAtOnceOfOneNameAreTwoFiles) {
    auto first = IncomingFile::create(downloads_, "x.txt", 3);
    auto second = IncomingFile::create(downloads_, "x.txt", 3);
    ASSERT_TRUE(first && second);
    ASSERT_TRUE((*first)->write("one"));
    ASSERT_TRUE((*second)->write("two"));
    const auto one = (*first)->place(), two = (*second)->place();
    ASSERT_TRUE(one && two);
    EXPECT_NE(one->path, two->path);
    expectInside(one->path);
    expectInside(two->path);
}

}  // namespace
}  // namespace netchat::client
