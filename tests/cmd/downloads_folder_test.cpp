#include "cmd/downloads_folder.h"

#include <gtest/gtest.h>

namespace netchat::cmd {
namespace {

TEST(DownloadsFolder, IsOneOfItsOwnInTheUsersFolderForDownloads) {
    const auto folder = [](std::string_view userDirs) {
        return downloadsFolder(userDirs, "/home/a");
    };
    EXPECT_EQ(folder(""), "/home/a/Downloads/netchat");
    EXPECT_EQ(
        folder("# a comment\nXDG_DESKTOP_DIR=\"$HOME/Desk\"\nXDG_DOWNLOAD_DIR=\"$HOME/In\"\n"),
        "/home/a/In/netchat");
    EXPECT_EQ(folder("XDG_DOWNLOAD_DIR=\"/data/in/\""), "/data/in/netchat");
    EXPECT_EQ(folder("  XDG_DOWNLOAD_DIR=\"$HOME/My \\\"own\\\"\"\n"),
              "/home/a/My \"own\"/netchat");
    EXPECT_EQ(folder("XDG_DOWNLOAD_DIR=\"/a\"\nXDG_DOWNLOAD_DIR=\"/b\"\n"), "/b/netchat");
}

TEST(DownloadsFolder, IsNeverTheCurrentOneAndNeverTheHomeFolder) {
    for (const std::string_view userDirs :
         {"XDG_DOWNLOAD_DIR=\"$HOME/\"", "XDG_DOWNLOAD_DIR=\"$HOME\"", "XDG_DOWNLOAD_DIR=\".\"",
          "XDG_DOWNLOAD_DIR=\"\"", "XDG_DOWNLOAD_DIR=", "XDG_DOWNLOAD_DIR=\"/cut",
          "XDG_DOWNLOAD_DIR=$HOME/x", "XDG_DOWNLOAD_DIR=\"in\"", "XDG_DOWNLOAD_DIR=\"$HOMEx\""}) {
        EXPECT_EQ(downloadsFolder(userDirs, "/home/a"), "/home/a/Downloads/netchat") << userDirs;
    }
    EXPECT_EQ(downloadsFolder("", ""), "");
    EXPECT_EQ(downloadsFolder("XDG_DOWNLOAD_DIR=\"/data\"", "relative"), "");
}

}  // namespace
}  // namespace netchat::cmd
