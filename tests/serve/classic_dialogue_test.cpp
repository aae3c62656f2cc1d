#include "modes/serve/session/classic_dialogue.h"

#include <gmock/gmock.h>

#include "tests/serve/bench.h"

namespace netchat::serve::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ClassicDialogueTest : public ::testing::Test {
  protected:
    std::vector<std::string> said() {
        std::vector<std::string> out;
        for (const Said& entry : bench_.log.said["lobby"]) out.push_back(entry.text);
        return out;
    }
    std::vector<std::string> refusalOf(std::string_view bytes) {
        Peer& peer = bench_.connect();
        peer.send(bytes);
        bench_.settle();
        EXPECT_TRUE(peer.transport.writeEnded);
        peer.end();
        bench_.settle();
        EXPECT_TRUE(peer.gone());
        return peer.lines();
    }

    Bench bench_{{1, {}, 1'000'000}};
};

TEST_F(ClassicDialogueTest, SendsEveryoneElseUserTextAndTime) {
    Peer& ann = bench_.classicUser("ann");
    Peer& ben = bench_.classicUser("ben");
    ann.send(field("hello"));
    bench_.settle();
    EXPECT_EQ(ben.take(), "3         ann5         hello19        14-11-2023 22:13:20");
    EXPECT_EQ(ann.take(), "");
}

TEST_F(ClassicDialogueTest, UnderstandsAnySplitOfItsInput) {
    const std::string bytes =
        field("ann") + field("hello") + field("a.txt%") + field("content") + field("bye");
    for (size_t cut = 1; cut <= bytes.size(); ++cut) {
        Bench bench;
        Peer& ben = bench.classicUser("ben");
        Peer& ann = bench.connect();
        ann.send(bytes.substr(0, cut));
        bench.settle();
        ann.send(bytes.substr(cut));
        bench.settle();
        EXPECT_THAT(ben.lines(), ElementsAre("ann: hello", "ann: a.txt% [content]", "ann: bye"))
            << cut;
    }
}

TEST_F(ClassicDialogueTest, HeadersHaveTheConfiguredWidth) {
    Bench bench({1, {}, 1000, 4});
    Peer& ann = bench.connect();
    Peer& ben = bench.connect();
    ann.send(field("ann", 4)), ben.send(field("ben", 4));
    bench.settle();
    ann.send(field("hello", 4));
    bench.settle();
    EXPECT_EQ(ben.take(), "3   ann5   hello19  14-11-2023 22:13:20");
}

TEST_F(ClassicDialogueTest, RefusesWhatIsNoName) {
    EXPECT_THAT(refusalOf("garbage!!!"), ElementsAre(HasSubstr("netchat: ")));
    EXPECT_THAT(refusalOf(field("")), ElementsAre(HasSubstr("netchat: ")));
    EXPECT_THAT(refusalOf(field(std::string(65, 'a'))), ElementsAre(HasSubstr("netchat: ")));
    EXPECT_THAT(refusalOf(field("\xFF\xFE")), ElementsAre(HasSubstr("netchat: ")));
    EXPECT_THAT(refusalOf("9999999999"), ElementsAre(HasSubstr("netchat: ")));
    EXPECT_THAT(refusalOf("GET / HTTP/1.1\r\n"), ElementsAre(HasSubstr("netchat: ")));
}

TEST_F(ClassicDialogueTest, RefusesLengthsAboveItsLimitsAndLosesNothingSaidBefore) {
    Peer& ann = bench_.classicUser("ann");
    ann.send(field("said") + "9999999999");
    bench_.settle();
    EXPECT_THAT(ann.lines(), ElementsAre(HasSubstr("netchat: ")));
    EXPECT_TRUE(ann.transport.writeEnded);
    Peer& ben = bench_.classicUser("ben");
    ben.send(field("said too") + field("big.bin%") + "1000001   ");
    bench_.settle();
    EXPECT_THAT(ben.lines(), ElementsAre(HasSubstr("at most 1000000 bytes")));
    EXPECT_TRUE(ben.transport.writeEnded);
    EXPECT_THAT(said(), ElementsAre("said", "said too"));
}

TEST_F(ClassicDialogueTest, ATextThatIsNotValidIsRefusedAndTheNextOneIsNot) {
    Peer& ann = bench_.classicUser("ann");
    ann.send(field("\xC3(") + field("fine"));
    bench_.settle();
    EXPECT_THAT(ann.lines(), ElementsAre(HasSubstr("netchat: not sent: ")));
    EXPECT_THAT(said(), ElementsAre("fine"));
}

TEST_F(ClassicDialogueTest, ATextThatLooksLikeAFileIsMadeHarmless) {
    Peer& ann = bench_.classicUser("ann");
    Peer& bob = bench_.v2User("bob");
    bob.send(v2("say room:lobby id:1", "100%") + v2("say room:lobby id:2", "next"));
    bench_.settle();
    EXPECT_THAT(ann.lines(), ElementsAre("bob: 100% ", "bob: next"));
}

TEST_F(ClassicDialogueTest, AFilesNameIsMadeHarmlessBothWays) {
    Peer& ann = bench_.classicUser("ann");
    Peer& bob = bench_.v2User("bob");
    bob.send(v2("offer room:lobby id:1 name:фото.jpg size:2 sha256:" + sha256Of("hi")));
    bench_.settle();
    bob.send(v2("data transfer:1 off:0", "hi"));
    bench_.settle();
    const auto items = ann.items();
    ASSERT_EQ(items.size(), 1u);
    EXPECT_TRUE(items[0].file);
    EXPECT_TRUE(classicFileRule(items[0].text));
    EXPECT_EQ(items[0].bytes, "hi");
    bob.take();
    ann.send(field("..hidden%") + field("x"));
    bench_.settle();
    const auto frames = bob.frames();
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(frames[0].verb, "file");
    EXPECT_NE(frames[0]["name"][0], '.');
}

TEST_F(ClassicDialogueTest, AFileIsInItsPlaceBetweenTheTexts) {
    Peer& ben = bench_.classicUser("ben");
    Peer& ann = bench_.classicUser("ann");
    bench_.files.held = true;
    const std::string bytes(300'000, 'x');
    ann.send(field("one") + field("f.bin%") + field(bytes) + field("two") + field("g.bin%") +
             field("") + field("three"));
    bench_.settle();
    EXPECT_FALSE(ann.transport.reading) << "what follows a file comes after it";
    EXPECT_THAT(said(), ElementsAre("one"));
    bench_.files.held = false;
    bench_.files.run();
    bench_.settle();
    EXPECT_TRUE(ann.transport.reading);
    EXPECT_THAT(said(), ElementsAre("one", "f.bin", "two", "g.bin", "three"));
    EXPECT_THAT(ben.lines(), ElementsAre("ann: one", "ann: f.bin% [" + bytes + "]", "ann: two",
                                         "ann: g.bin% []", "ann: three"));
    EXPECT_EQ(ann.take(), "");
}

TEST_F(ClassicDialogueTest, AShortFileLeavesInOneCall) {
    Peer& ben = bench_.classicUser("ben");
    Peer& ann = bench_.classicUser("ann");
    const size_t before = ben.transport.writes;
    ann.send(field("f.bin%") + field(std::string(60'000, 'x')));
    bench_.settle();
    EXPECT_EQ(ben.transport.writes, before + 1);
}

TEST_F(ClassicDialogueTest, AFileThatTheStoreRefusesIsReadAndDropped) {
    Peer& ben = bench_.classicUser("ben");
    Peer& ann = bench_.classicUser("ann");
    bench_.files.sizeMax = 100;
    ann.send(field("f.bin%") + field(std::string(300'000, 'x')) + field("after"));
    bench_.settle();
    EXPECT_THAT(ann.lines(), ElementsAre(HasSubstr("netchat: the file f.bin was not sent: ")));
    EXPECT_THAT(ben.lines(), ElementsAre("ann: after"));
}

TEST_F(ClassicDialogueTest, WhoEndsInTheMiddleOfAFileReachesNobody) {
    Peer& ben = bench_.classicUser("ben");
    Peer& ann = bench_.classicUser("ann");
    ann.send(field("one") + field("f.bin%") + "100       half");
    ann.end();
    bench_.settle();
    EXPECT_THAT(ben.lines(), ElementsAre("ann: one"));
    EXPECT_TRUE(ann.gone());
    EXPECT_EQ(bench_.files.uploads(), 0u);
    EXPECT_TRUE(bench_.report.says("disconnected in the middle of a file"));
}

TEST_F(ClassicDialogueTest, WhatWasSentBeforeTheEndIsSaid) {
    Peer& ben = bench_.classicUser("ben");
    Peer& ann = bench_.connect();
    bench_.files.held = true;
    ann.send(field("ann") + field("one") + field("f.bin%") + field("content") + field("two"));
    ann.end();
    bench_.settle();
    bench_.files.held = false;
    bench_.files.run();
    bench_.settle();
    EXPECT_THAT(ben.lines(), ElementsAre("ann: one", "ann: f.bin% [content]", "ann: two"));
    EXPECT_TRUE(ann.gone());
}

TEST_F(ClassicDialogueTest, AStalledReaderGetsAFileWholeWhenItReadsAgain) {
    Peer& ben = bench_.classicUser("ben");
    Peer& ann = bench_.classicUser("ann");
    std::string bytes(500'000, 'x');
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31 >> 3);
    ben.open(200'000);
    ann.send(field("f.bin%") + field(bytes) + field("after"));
    bench_.settle();
    for (int i = 0; i < 40; ++i) {
        ben.open(10'007);
        bench_.settle();
    }
    const auto items = ben.items();
    ASSERT_EQ(items.size(), 2u);
    EXPECT_TRUE(items[0].bytes == bytes);
    EXPECT_EQ(items[1].text, "after");
}

TEST_F(ClassicDialogueTest, AFileThatIsKeptNoLongerIsSaidToBe) {
    Peer& ben = bench_.classicUser("ben");
    Peer& ann = bench_.classicUser("ann");
    ben.stall();
    ann.send(field("one") + field("f.bin%") + field("content") + field("two"));
    bench_.settle();
    bench_.files.files.clear();
    ben.open();
    bench_.settle();
    const auto lines = ben.lines();
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_EQ(std::count(lines.begin(), lines.end(),
                         "netchat: the file f.bin from ann is no longer available"),
              1);
}

TEST_F(ClassicDialogueTest, OwnEntriesAreLeftOutAlsoByWhoIsSlow) {
    Peer& ann = bench_.classicUser("ann");
    Peer& bob = bench_.v2User("bob");
    Peer& eve = bench_.v2User("eve");
    ann.stall();
    for (int i = 0; i < 30; ++i) {
        // Somebody who is a little behind keeps the newest in the tail, where ann comes back to.
        if (i == 27) eve.stall();
        ann.send(field("mine " + std::to_string(i)));
        bob.send(v2("say room:lobby id:" + std::to_string(i), std::string(100'000, 'x')));
        ann.send(field("m.txt%") + field("mine"));
        bench_.settle();
        bob.take();
    }
    EXPECT_TRUE(bench_.report.says("(ann): slow reader"));
    ann.open();
    bench_.settle();
    const auto items = ann.items();
    EXPECT_EQ(items.size(), 30u);
    for (const auto& item : items) EXPECT_EQ(item.user, "bob");
    ann.send(field("mine again"));
    bob.send(v2("say room:lobby id:last", "last"));
    bench_.settle();
    EXPECT_THAT(ann.lines(), ElementsAre("bob: last"));
}

TEST_F(ClassicDialogueTest, TwoOfOneNameDoNotHideEachOthersTexts) {
    Peer& one = bench_.classicUser("ann");
    Peer& two = bench_.classicUser("ann");
    one.send(field("from one"));
    two.send(field("from two"));
    bench_.settle();
    EXPECT_THAT(one.lines(), ElementsAre("ann: from two"));
    EXPECT_THAT(two.lines(), ElementsAre("ann: from one"));
}

TEST_F(ClassicDialogueTest, ATextTooLongForTheHeaderIsSaidToBe) {
    Bench bench({1, {}, 1000, 3});
    Peer& ann = bench.connect();
    ann.send(field("ann", 3));
    bench.settle();
    Peer& bob = bench.v2User("bob");
    bob.send(v2("say room:lobby id:1", std::string(1000, 'x')));
    bench.settle();
    EXPECT_EQ(ann.transport.received, "3  bob25 (a text too long for you)19 14-11-2023 22:13:20");
}

}  // namespace
}  // namespace netchat::serve::testing
