// Which files somebody means.

#include "modes/client/upload_plan.h"

#include <gmock/gmock.h>

#include "tests/support/temp_folder.h"

namespace netchat::client {
namespace {

namespace fs = std::filesystem;
using test::TempFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class UploadPlanTest : public ::testing::Test {
  protected:
    // "main.c in project/src", as planned.
    static std::vector<std::string> brief(const UploadPlan& plan) {
        std::vector<std::string> all;
        for (const PlannedUpload& file : plan.files) {
            all.push_back(file.path.filename().string() +
                          (file.folder.empty() ? "" : " in " + file.folder));
        }
        return all;
    }
    std::string at(std::string_view name) const { return (folder_ / name).string(); }

    TempFolder folder_;
};

TEST_F(UploadPlanTest, OnePathIsOneFileWhateverIsInItsName) {
    folder_.write("my holiday photo.jpg", "x");
    EXPECT_THAT(brief(planUploads(at("my holiday photo.jpg"), "")),
                ElementsAre("my holiday photo.jpg"));
    EXPECT_THAT(brief(planUploads("~/my holiday photo.jpg", folder_.path().string())),
                ElementsAre("my holiday photo.jpg"));
}

TEST_F(UploadPlanTest, SeveralAreWordsAsAShellPartsThem) {
    folder_.write("a b", "x");
    folder_.write("c", "x");
    const std::string home = folder_.path().string();
    EXPECT_THAT(brief(planUploads("'" + at("a b") + "' ~/c", home)), ElementsAre("a b", "c"));
    EXPECT_THAT(brief(planUploads("~/a\\ b \"" + at("c") + "\"", home)), ElementsAre("a b", "c"));
}

// Whoever reads it says why it can't be sent.
TEST_F(UploadPlanTest, WhatIsNotThereIsPlannedAsItIs) {
    EXPECT_THAT(brief(planUploads("/no/such/file", "")), ElementsAre("file"));
    EXPECT_THAT(brief(planUploads("/no/such /no/other", "")), ElementsAre("such", "other"));
}

TEST_F(UploadPlanTest, AFolderIsItsFilesWithWhereTheyLay) {
    fs::create_directories(folder_ / "project/src/lib");
    folder_.write("project/README", "x");
    folder_.write("project/src/main.c", "x");
    folder_.write("project/src/lib/a.c", "x");
    for (const char* typed : {"project", "project/", "project/."}) {
        const UploadPlan plan = planUploads(at(typed), "");
        EXPECT_THAT(brief(plan), ElementsAre("README in project", "a.c in project/src/lib",
                                             "main.c in project/src"))
            << typed;
        EXPECT_THAT(plan.errors, IsEmpty());
        EXPECT_EQ(plan.leftOut, "");
    }
}

TEST_F(UploadPlanTest, NothingHiddenAndNoLinkIsSent) {
    fs::create_directories(folder_ / "project/.git");
    folder_.write("project/.git/config", "x");
    folder_.write("project/.env", "secret");
    folder_.write("project/a.c", "x");
    folder_.write("outside", "x");
    fs::create_symlink("../outside", folder_ / "project/link");
    fs::create_directory_symlink("..", folder_ / "project/up");
    const UploadPlan plan = planUploads(at("project"), "");
    EXPECT_THAT(brief(plan), ElementsAre("a.c in project"));
    EXPECT_EQ(plan.leftOut, "skipped: 2 hidden, 2 links, 0 special files");
}

TEST_F(UploadPlanTest, FoldersWithOddNamesAreSentUnderSafeOnes) {
    fs::create_directories(folder_ / "pro\njet/a ");
    folder_.write("pro\njet/a /x", "x");
    EXPECT_THAT(brief(planUploads(std::vector<std::string>{at("pro\njet")})),
                ElementsAre("x in pro_jet/a"));
}

TEST_F(UploadPlanTest, SaysWhatCanNotBeSent) {
    fs::create_directory(folder_ / "empty");
    EXPECT_THAT(planUploads(at("empty"), "").errors,
                ElementsAre(HasSubstr("the folder has no files")));
    EXPECT_THAT(planUploads("/", "").errors, ElementsAre(HasSubstr("this path has no name")));
    std::string deep = "deep";
    for (int i = 0; i < 40; ++i) deep += "/d";
    fs::create_directories(folder_ / deep);
    folder_.write(deep + "/x", "x");
    EXPECT_THAT(planUploads(at("deep"), "").errors, ElementsAre(HasSubstr("too deep")));
}

}  // namespace
}  // namespace netchat::client
