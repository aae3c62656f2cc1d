// Uploads and Downloads against a port that records what they ask of the session.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>

#include "tests/client/transfer_fixtures.h"
#include "tests/support/small_disk.h"

namespace netchat::client {
namespace {

using fixtures::DownloadsTest;
using fixtures::hashOf;
using fixtures::UploadsTest;
using test::TempFolder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// ---- uploads

TEST_F(UploadsTest, HashesOffersSendsAndIsDoneWithTheLog) {
    add("1", "a.txt", "hello");
    prepareAll();
    EXPECT_THAT(port.take(), ElementsAre("offer lobby 1 a.txt 5"));
    EXPECT_EQ(port.hash, hashOf("hello"));
    EXPECT_FALSE(uploads.produce());
    uploads.accepted("1", 7, 0);
    while (uploads.produce()) {
    }
    EXPECT_THAT(port.take(), ElementsAre("data 7 0 hell", "data 7 4 o"));
    EXPECT_EQ(uploads.pending(), 1u);
    uploads.uploaded("1");
    EXPECT_EQ(uploads.pending(), 0u);
    EXPECT_THAT(recorder.lines, ElementsAre("uploaded lobby a.txt size=5"));
}

TEST_F(UploadsTest, SendsOnlyWhatTheServerLacks) {
    add("1", "a.txt", "hello");
    add("2", "b.txt", "world");
    prepareAll();
    port.take();
    uploads.accepted("1", 7, 5);
    uploads.accepted("2", 8, 3);
    while (uploads.produce()) {
    }
    EXPECT_THAT(port.take(), ElementsAre("data 8 3 ld"));
}

TEST_F(UploadsTest, HashesLargeFilesInSlices) {
    const std::string large(3 * limits::kMiB + 1, 'x');
    add("1", "large", large);
    int turns = 1;
    while (uploads.prepare()) ++turns;
    EXPECT_EQ(turns, 4);
    EXPECT_EQ(port.hash, hashOf(large));
}

TEST_F(UploadsTest, AnEmptyFileNeedsNoData) {
    add("1", "empty", "");
    prepareAll();
    EXPECT_THAT(port.take(), ElementsAre("offer lobby 1 empty 0"));
    uploads.accepted("1", 7, 0);
    EXPECT_FALSE(uploads.produce());
    uploads.uploaded("1");
    EXPECT_EQ(uploads.pending(), 0u);
}

TEST_F(UploadsTest, WaitsForTheRoomAndOffersAgainAfterAReconnect) {
    port.roomReady = false;
    add("1", "a.txt", "hello");
    prepareAll();
    EXPECT_THAT(port.take(), IsEmpty());
    port.roomReady = true;
    uploads.roomReady("attic");
    EXPECT_THAT(port.take(), IsEmpty());
    uploads.roomReady("lobby");
    EXPECT_THAT(port.take(), ElementsAre("offer lobby 1 a.txt 5"));
    uploads.accepted("1", 7, 0);
    uploads.produce();
    uploads.connectionEnded();
    EXPECT_FALSE(uploads.produce());
    port.take();
    uploads.roomReady("lobby");
    uploads.accepted("1", 9, 4);
    uploads.produce();
    EXPECT_THAT(port.take(), ElementsAre("offer lobby 1 a.txt 5", "data 9 4 o"));
}

TEST_F(UploadsTest, AFileThatChangesIsCancelledAndSaidSo) {
    add("1", "a.txt", "hello");
    prepareAll();
    port.take();
    uploads.accepted("1", 7, 0);
    uploads.produce();
    folder.write("a.txt", "HELLO, longer");
    uploads.produce();
    EXPECT_THAT(port.take(), ElementsAre("data 7 0 hell", "cancel 7"));
    EXPECT_THAT(recorder.lines, ElementsAre("refused lobby a.txt bad-hash id=1"));
    EXPECT_EQ(uploads.pending(), 0u);
}

TEST_F(UploadsTest, AFileThatVanishesBeforeItsTurnIsRefusedAndTheNextGoesOn) {
    add("1", "a.txt", "hello");
    add("2", "b.txt", "world");
    std::filesystem::remove(folder / "a.txt");
    prepareAll();
    EXPECT_THAT(recorder.lines, ElementsAre("refused lobby a.txt no-such-file id=1"));
    EXPECT_THAT(port.take(), ElementsAre("offer lobby 2 b.txt 5"));
}

TEST_F(UploadsTest, ARefusalByTransferNamesTheUpload) {
    add("1", "a.txt", "hello");
    prepareAll();
    uploads.accepted("1", 7, 0);
    const event::Refused refusal{.code = "no-room", .re = "data"};
    EXPECT_FALSE(uploads.refused(refusal, 8));
    EXPECT_TRUE(uploads.refused(refusal, 7));
    EXPECT_THAT(recorder.lines, ElementsAre("refused lobby a.txt no-room id=1"));
    EXPECT_FALSE(uploads.produce());
}

TEST_F(UploadsTest, AServerThatAsksForMoreThanThereIsGetsNothing) {
    add("1", "a.txt", "hello");
    prepareAll();
    port.take();
    uploads.accepted("1", 7, 6);
    EXPECT_THAT(port.take(), ElementsAre("cancel 7"));
    EXPECT_THAT(recorder.lines, ElementsAre("refused lobby a.txt bad-offset id=1"));
}

TEST_F(UploadsTest, KeepsToTheNumberOfTransfersThatAServerTakes) {
    for (int i = 1; i <= 10; ++i) {
        const std::string id = std::to_string(i);
        add(id.c_str(), ("f" + id).c_str(), "hello");
    }
    prepareAll();
    EXPECT_EQ(port.take().size(), limits::kTransfersPerSessionMax);
    uploads.uploaded("1");
    prepareAll();
    EXPECT_THAT(port.take(), ElementsAre("offer lobby 9 f9 5"));
}

TEST_F(UploadsTest, KeepsWithinTheWindowOfWhatTheServerHasStored) {
    add("1", "large", std::string(3 * limits::kMiB, 'x'));
    prepareAll();
    uploads.accepted("1", 7, 0);
    port.take();
    while (uploads.produce()) {
    }
    EXPECT_EQ(port.take().size(), limits::kMiB / 4);
    uploads.stored(8, 400);
    EXPECT_FALSE(uploads.produce());
    uploads.stored(7, 8);
    while (uploads.produce()) {
    }
    EXPECT_THAT(port.take(), ElementsAre("data 7 1048576 xxxx", "data 7 1048580 xxxx"));
}

TEST_F(UploadsTest, WhatTheServerSaysItHasStoredBeyondWhatWasSentIsIgnored) {
    add("1", "large", std::string(3 * limits::kMiB, 'x'));
    prepareAll();
    uploads.accepted("1", 7, 0);
    produceAll();
    port.take();
    uploads.stored(7, limits::kMiB + 1);
    EXPECT_FALSE(uploads.produce());
    // All that was sent is not too much.
    uploads.stored(7, limits::kMiB);
    produceAll();
    EXPECT_EQ(port.take().size(), limits::kMiB / 4);
    // Nor does an earlier place narrow the window again.
    uploads.stored(7, 2 * limits::kMiB);
    uploads.stored(7, 0);
    EXPECT_TRUE(uploads.produce());
}

TEST_F(UploadsTest, OneThatIsOfferedOnceMoreHasNothingOfTheFirstTime) {
    add("1", "a.txt", "hello");
    prepareAll();
    uploads.accepted("1", 7, 2);
    const event::Refused refusal{.id = "1", .code = "bad-hash", .re = "data"};
    EXPECT_TRUE(uploads.refused(refusal, 7));
    Transfers transfers;
    uploads.list(transfers);
    ASSERT_EQ(transfers.all.size(), 1u);
    EXPECT_EQ(transfers.all[0].done, 0u);
    // The pieces that were on their way to the first are answered; the second goes on.
    const event::Refused late{.code = "no-such-transfer", .re = "data"};
    EXPECT_TRUE(uploads.refused(late, 7));
    EXPECT_THAT(recorder.lines, IsEmpty());
    uploads.accepted("1", 8, 0);
    port.take();
    produceAll();
    EXPECT_THAT(port.take(), ElementsAre("data 8 0 hell", "data 8 4 o"));
}

TEST_F(UploadsTest, AFileThatWasMendedWronglyIsOfferedOnceMore) {
    add("1", "a.txt", "hello");
    prepareAll();
    uploads.accepted("1", 7, 2);
    uploads.produce();
    port.take();
    const event::Refused refusal{.id = "1", .code = "bad-hash", .re = "data"};
    EXPECT_TRUE(uploads.refused(refusal, 7));
    EXPECT_THAT(port.take(), ElementsAre("offer lobby 1 a.txt 5"));
    uploads.accepted("1", 8, 0);
    EXPECT_TRUE(uploads.refused(refusal, 8));
    EXPECT_THAT(recorder.lines, ElementsAre("refused lobby a.txt bad-hash id=1"));
}

TEST_F(UploadsTest, WhatIsOfferedTooFastIsOfferedAgain) {
    add("1", "a.txt", "hello");
    prepareAll();
    port.take();
    EXPECT_TRUE(uploads.refused(event::Refused{.id = "1", .code = "too-fast", .re = "offer"}, 0));
    EXPECT_THAT(recorder.lines, IsEmpty()) << "it is no failure";
    EXPECT_EQ(uploads.pending(), 1u);
    uploads.open();
    EXPECT_THAT(port.take(), ElementsAre("offer lobby 1 a.txt 5"));
}

TEST_F(UploadsTest, OffersWhereAFileLayAndWhenItWasChanged) {
    const auto path = folder.write("main.c", "hello");
    const timespec changed{1'700'000'000, 0};
    const timespec times[] = {changed, changed};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
    auto file = SourceFile::open(path);
    ASSERT_TRUE(file);
    uploads.add("1", "lobby", "main.c", std::move(*file), "project/src");
    prepareAll();
    EXPECT_EQ(port.folder, "project/src");
    EXPECT_EQ(port.mtime, 1'700'000'000'000);
}

TEST(SourceFile, RefusesWhatIsNoFile) {
    TempFolder folder;
    EXPECT_FALSE(SourceFile::open(folder.path()));
    EXPECT_FALSE(SourceFile::open(folder / "missing"));
    EXPECT_FALSE(SourceFile::open("/dev/null"));
}

// ---- downloads

TEST_F(DownloadsTest, FetchesVerifiesAndPlaces) {
    want("hello");
    EXPECT_THAT(port.take(), ElementsAre("get 0+5"));
    downloads.chunk(hash, 0, "hel");
    downloads.chunk(hash, 3, "lo");
    EXPECT_THAT(recorder.lines, ElementsAre("file-received lobby bob a.txt size=5"));
    EXPECT_EQ(recorder.last<event::FileReceived>().path, (folder / "a.txt").native());
    EXPECT_EQ(folder.read("a.txt"), "hello");
    EXPECT_EQ(folder.count(), 1u);
    EXPECT_EQ(downloads.pending(), 0u);
}

TEST_F(DownloadsTest, FetchesOneAtATimeAndEachAnnouncement) {
    want("hello");
    want("hello");
    want("", "empty");
    EXPECT_THAT(port.take(), ElementsAre("get 0+5"));
    downloads.chunk(hashOf("hello"), 0, "hello");
    EXPECT_THAT(port.take(), IsEmpty()) << "the same bytes are there";
    EXPECT_THAT(recorder.lines, ElementsAre("file-received lobby bob a.txt size=5",
                                            "file-received lobby bob a.txt size=5",
                                            "file-received lobby bob empty"));
    EXPECT_EQ(folder.count(), 2u);
}

TEST_F(DownloadsTest, GoesOnWhereItStopped) {
    want("hello");
    downloads.chunk(hash, 0, "hel");
    downloads.connectionEnded();
    port.isOpen = false;
    downloads.chunk(hash, 3, "XX");
    port.isOpen = true;
    port.take();
    downloads.open();
    downloads.advance();
    EXPECT_THAT(port.take(), ElementsAre("get 3+2"));
    downloads.chunk(hash, 3, "lo");
    EXPECT_EQ(folder.read("a.txt"), "hello");
}

class FullDiskDownloads : public DownloadsTest {
  protected:
    void SetUp() override {
        if (!disk.mounted()) GTEST_SKIP() << "a small file system cannot be mounted here";
    }
    // What is asked for, in order, also where it is given up meanwhile.
    void send(std::string_view bytes) {
        const std::string sha256 = hashOf(bytes);
        for (auto asked = port.take(); !asked.empty(); asked = port.take()) {
            for (const std::string& call : asked) {
                if (!call.starts_with("get ")) continue;
                const size_t at = std::stoul(call.substr(4));
                const size_t size = std::stoul(call.substr(call.find('+') + 1));
                for (size_t sent = 0; sent < size; sent += kChunk) {
                    const size_t piece = std::min(kChunk, size - sent);
                    small.chunk(sha256, at + sent, bytes.substr(at + sent, piece));
                }
            }
        }
    }
    void wantSmall(std::string_view bytes, std::string_view name) {
        hash = hashOf(bytes);
        small.want(event::File{.name = name, .sha256 = hash, .size = bytes.size()});
        small.advance();
    }
    static constexpr size_t kChunk = 16 * 1024;
    test::SmallDisk disk{folder / "disk", "256k"};
    RealHost smallHost{loop, {disk.path()}};
    Downloads small{port, recorder, smallHost};
};

TEST_F(FullDiskDownloads, WhatCameStaysAndTheNextRunGoesOnThere) {
    const std::string large(1'000'000, 'x');
    wantSmall(large, "large");
    send(large);
    ASSERT_THAT(recorder.lines, ElementsAre("file-failed large size=1000000 no-room"));
    EXPECT_THAT(
        std::string(recorder.last<event::FileFailed>().text),
        ::testing::HasSubstr("No space left on device; the part received so far is kept in " +
                             (disk / ".netchat-").native()));
    port.take();
    RealHost nextHost{loop, {disk.path()}};
    Downloads next{port, recorder, nextHost};
    next.want(event::File{.name = "large", .sha256 = hash, .size = large.size()});
    while (next.advance()) {
    }
    const auto asked = port.take();
    ASSERT_FALSE(asked.empty());
    EXPECT_GE(std::stoul(asked[0].substr(4)), 200'000u) << asked[0];
}

// A small file would have found room, had the large one not been begun.
TEST_F(FullDiskDownloads, WhatIsLeftOfOneKeepsNoOtherOut) {
    const std::string large(1'000'000, 'x'), little(100'000, 'y');
    wantSmall(large, "large");
    send(large);
    wantSmall(little, "little");
    send(little);
    EXPECT_THAT(recorder.lines, ElementsAre("file-failed large size=1000000 no-room",
                                            "file-received little size=100000"));
    EXPECT_EQ(std::filesystem::file_size(disk / "little"), little.size());
}

TEST_F(FullDiskDownloads, OneThatIsGivenUpLeavesNothing) {
    const std::string large(1'000'000, 'x');
    wantSmall(large, "large");
    send(large);
    wantSmall(large, "large");
    EXPECT_TRUE(small.cancel(hash));
    EXPECT_TRUE(std::filesystem::is_empty(disk.path()));
}

TEST_F(DownloadsTest, WrongBytesMakeTheServerLookAndAreFetchedOnceMore) {
    want("hello");
    port.take();
    downloads.chunk(hash, 0, "hellO");
    EXPECT_THAT(port.take(), ElementsAre("verify"));
    EXPECT_FALSE(downloads.advance()) << "nothing is fetched before it has answered";
    EXPECT_THAT(port.take(), ElementsAre());
    EXPECT_THAT(recorder.lines, ElementsAre());
    downloads.verified(std::string(64, '0'));
    EXPECT_THAT(port.take(), ElementsAre()) << "that was another";
    downloads.verified(hash);
    EXPECT_THAT(port.take(), ElementsAre("get 0+5"));
    downloads.chunk(hash, 0, "hello");
    EXPECT_EQ(folder.read("a.txt"), "hello");
}

TEST_F(DownloadsTest, BytesThatAreWrongTwiceFailAndLeaveNothing) {
    want("hello");
    downloads.chunk(hash, 0, "hellO");
    downloads.verified(hash);
    downloads.chunk(hash, 0, "hellO");
    EXPECT_THAT(recorder.lines, ElementsAre("file-failed lobby bob a.txt size=5 bad-hash"));
    EXPECT_EQ(folder.count(), 0u);
}

TEST_F(DownloadsTest, AServerThatHasDamagedBytesOrDoesNotKnowTheVerbIsNotAskedForThemAgain) {
    for (const std::string_view code : {"no-such-file", "bad-verb", "too-fast"}) {
        recorder.lines.clear();
        want("hello");
        const std::string first = hash;
        want("world", std::string(code));  // another name each time: it is not there already
        downloads.chunk(first, 0, "hellO");
        port.take();
        const event::Refused refusal{.sha256 = first, .code = code, .re = "verify"};
        EXPECT_TRUE(downloads.refused(refusal));
        EXPECT_THAT(recorder.lines, ElementsAre("file-failed lobby bob a.txt size=5 bad-hash"));
        EXPECT_THAT(port.take(), ElementsAre("get 0+5")) << "the next goes on";
        downloads.chunk(hash, 0, "world");
        EXPECT_TRUE(downloads.refused(refusal)) << "a late one means nothing";
        EXPECT_EQ(downloads.pending(), 0u);
    }
}

TEST_F(DownloadsTest, ACutWhileTheServerLooksFetchesAnew) {
    want("hello");
    downloads.chunk(hash, 0, "hellO");
    downloads.connectionEnded();
    port.take();
    downloads.open();
    downloads.advance();
    EXPECT_THAT(port.take(), ElementsAre("get 0+5"));
    downloads.verified(hash);
    downloads.chunk(hash, 0, "hello");
    EXPECT_EQ(folder.read("a.txt"), "hello");
}

TEST_F(DownloadsTest, OneThatTheServerLooksAtCanBeCancelled) {
    want("hello");
    downloads.chunk(hash, 0, "hellO");
    EXPECT_TRUE(downloads.cancel(hash));
    EXPECT_THAT(recorder.lines, ElementsAre("file-failed lobby bob a.txt size=5 cancelled"));
    want("world", "b.txt");
    port.take();
    downloads.verified(std::string(hash));
    downloads.chunk(hash, 0, "world");
    EXPECT_EQ(folder.read("b.txt"), "world");
}

TEST_F(DownloadsTest, AWrongOffsetFailsAndTheNextGoesOn) {
    want("hello");
    const std::string first = hash;
    want("world", "b.txt");
    downloads.chunk(first, 1, "ello");
    EXPECT_THAT(recorder.lines, ElementsAre("file-failed lobby bob a.txt size=5 bad-offset"));
    EXPECT_THAT(port.take(), ElementsAre("get 0+5", "cancel", "get 0+5"));
    downloads.chunk(first, 0, "hello");
    downloads.chunk(hash, 0, "world");
    EXPECT_EQ(folder.read("b.txt"), "world");
    EXPECT_EQ(folder.count(), 1u);
}

TEST_F(DownloadsTest, MoreBytesThanAnnouncedFail) {
    want("hello");
    downloads.chunk(hash, 0, "hello!");
    EXPECT_THAT(recorder.lines, ElementsAre("file-failed lobby bob a.txt size=5 bad-hash"));
    EXPECT_EQ(folder.count(), 0u);
}

TEST_F(DownloadsTest, ARefusalFailsTheOneUnderWayOnly) {
    want("hello");
    const event::Refused other{.sha256 = "f00", .code = "no-such-file"};
    EXPECT_FALSE(downloads.refused(other));
    const event::Refused refusal{.sha256 = hash, .code = "no-such-file"};
    EXPECT_TRUE(downloads.refused(refusal));
    EXPECT_THAT(recorder.lines, ElementsAre("file-failed lobby bob a.txt size=5 no-such-file"));
}

TEST_F(DownloadsTest, WhatCameIsTakenUpByTheNextWhoWantsTheSameBytes) {
    hash = hashOf("hello");
    {
        Downloads cut(port, recorder, host);
        cut.want(event::File{.name = "a", .sha256 = hash, .size = 5});
        cut.advance();
        cut.chunk(hash, 0, "he");
        EXPECT_EQ(folder.count(), 1u);
    }
    port.take();
    EXPECT_EQ(folder.count(), 1u);
    want("hello", "b.txt");
    while (downloads.advance()) {
    }
    EXPECT_THAT(port.take(), ElementsAre("get 2+3"));
    downloads.chunk(hash, 2, "llo");
    EXPECT_EQ(folder.read("b.txt"), "hello");
    EXPECT_EQ(folder.count(), 1u);
}

TEST_F(DownloadsTest, TwoAtATimeDoNotShareWhatCame) {
    Downloads other(port, recorder, host);
    want("hello");
    downloads.chunk(hash, 0, "he");
    other.want(event::File{.name = "b.txt", .sha256 = hash, .size = 5});
    other.advance();
    EXPECT_THAT(port.take(), ElementsAre("get 0+5", "get 0+5"));
    other.chunk(hash, 0, "hello");
    downloads.chunk(hash, 2, "llo");
    EXPECT_EQ(folder.read("a.txt"), "hello");
    EXPECT_EQ(folder.read("b.txt"), "hello");
    EXPECT_EQ(folder.count(), 2u);
}

TEST_F(DownloadsTest, WhatWasLeftWrongIsFetchedOnceMoreFromTheStart) {
    hash = hashOf("hello");
    folder.write(".netchat-" + hash.substr(0, 32) + ".part", "hex");
    want("hello");
    while (downloads.advance()) {
    }
    EXPECT_THAT(port.take(), ElementsAre("get 3+2"));
    downloads.chunk(hash, 3, "lo");
    EXPECT_THAT(recorder.lines, ::testing::IsEmpty());
    EXPECT_THAT(port.take(), ElementsAre("get 0+5"));
    downloads.chunk(hash, 0, "hello");
    EXPECT_EQ(folder.read("a.txt"), "hello");
    EXPECT_EQ(folder.count(), 1u);
}

TEST_F(DownloadsTest, ACancelledOrFailedOneLeavesNothing) {
    want("hello");
    downloads.chunk(hash, 0, "he");
    downloads.refused(event::Refused{.sha256 = hash, .code = "no-such-file"});
    EXPECT_EQ(folder.count(), 0u);
}

TEST_F(DownloadsTest, AsksInPartsAndNeverForMoreThanTheWindow) {
    const std::string large(2 * limits::kMiB, 'x');
    want(large);
    EXPECT_THAT(port.take(), ElementsAre("get 0+262144", "get 262144+262144", "get 524288+262144",
                                         "get 786432+262144"));
    downloads.chunk(hash, 0, std::string_view(large).substr(0, 262143));
    EXPECT_THAT(port.take(), IsEmpty());
    downloads.chunk(hash, 262143, "x");
    EXPECT_THAT(port.take(), ElementsAre("get 1048576+262144"));
    downloads.connectionEnded();
    downloads.advance();
    EXPECT_THAT(port.take(), ElementsAre("get 262144+262144", "get 524288+262144",
                                         "get 786432+262144", "get 1048576+262144"));
}

// What a kill leaves is as long as what was written, however much that is; it is hashed again in
// slices.
TEST_F(DownloadsTest, RehashesInSlices) {
    const std::string large(3 * limits::kMiB, 'x');
    folder.write(".netchat-" + hashOf(large).substr(0, 32) + ".part", large.substr(0, 2 << 20));
    want(large);
    int turns = 1;
    while (downloads.advance()) ++turns;
    EXPECT_GE(turns, 7);
    EXPECT_EQ(port.take().front(), "get 2097152+262144");
    downloads.chunk(hash, 2 << 20, large.substr(2 << 20));
    EXPECT_EQ(folder.read("a.txt"), large);
}

}  // namespace
}  // namespace netchat::client
