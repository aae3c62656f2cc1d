#include "modes/serve/session/v2_dialogue.h"

#include <gmock/gmock.h>

#include "tests/serve/bench.h"

namespace netchat::serve::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class V2DialogueTest : public ::testing::Test {
  protected:
    // What a new connection is answered to these bytes, and that it is ended with it.
    std::vector<std::string> refusalOf(std::string_view bytes) {
        Peer& peer = bench_.connect();
        peer.send(bytes);
        bench_.settle();
        EXPECT_TRUE(peer.transport.writeEnded);
        peer.end();
        bench_.settle();
        EXPECT_TRUE(peer.gone());
        return peer.briefs();
    }
    // What alice, who stays, is answered.
    std::vector<std::string> answersTo(const std::string& bytes) {
        if (!alice_) alice_ = &bench_.v2User("alice");
        alice_->send(bytes);
        bench_.settle();
        EXPECT_FALSE(alice_->transport.writeEnded);
        return alice_->briefs();
    }
    static std::string offer(const std::string& id, const std::string& bytes,
                             const std::string& name = "f.bin") {
        return v2("offer room:lobby id:" + id + " name:" + name +
                  " size:" + std::to_string(bytes.size()) + " sha256:" + sha256Of(bytes));
    }
    static std::string data(uint64_t transfer, uint64_t off, std::string_view bytes) {
        return v2("data transfer:" + std::to_string(transfer) + " off:" + std::to_string(off),
                  bytes);
    }

    Bench bench_{{1, {}, 1'000'000}};
    Peer* alice_ = nullptr;
};

TEST_F(V2DialogueTest, WelcomesWhoGreets) {
    Peer& peer = bench_.connect();
    peer.send(v2("netchat/2 nick:alice unknown:label"));
    bench_.settle();
    const auto frames = peer.frames();
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(frames[0].verb, "welcome");
    EXPECT_EQ(frames[0]["nick"], "alice");
    EXPECT_EQ(frames[0]["durability"], "memory");
    EXPECT_NE(frames[0]["session"], "");
    EXPECT_EQ(frames[0]["text-max"], "1048576");
    EXPECT_EQ(frames[0]["file-max"], "1000000");
}

TEST_F(V2DialogueTest, UnderstandsAnySplitOfItsInput) {
    const std::string bytes = v2("netchat/2 nick:alice") + v2("join room:lobby") +
                              v2("say room:lobby id:1", "hello") + v2("ping token:x");
    for (size_t cut = 1; cut < bytes.size(); ++cut) {
        Bench bench;
        Peer& peer = bench.connect();
        peer.send(bytes.substr(0, cut));
        bench.settle();
        peer.send(bytes.substr(cut));
        bench.settle();
        const auto frames = peer.frames();
        EXPECT_EQ(frames.size(), 4u) << cut;
        EXPECT_EQ(bench.log.said["lobby"].size(), 1u);
    }
    Bench bench;
    Peer& peer = bench.connect();
    for (const char c : bytes) peer.send({&c, 1});
    bench.settle();
    EXPECT_EQ(peer.frames().size(), 4u);
}

TEST_F(V2DialogueTest, RefusesAGreetingThatIsNone) {
    bench_.v2User("taken");
    EXPECT_THAT(refusalOf(v2("netchat/2")), ElementsAre("error code:bad-head re:netchat/2"));
    EXPECT_THAT(refusalOf(v2("netchat/2 nick:")), ElementsAre("error code:bad-nick re:netchat/2"));
    EXPECT_THAT(refusalOf(v2("netchat/2 nick:taken")),
                ElementsAre("error code:nick-in-use re:netchat/2"));
    EXPECT_THAT(refusalOf(v2("netchat/2 rubbish")),
                ElementsAre("error code:bad-head re:netchat/2"));
    EXPECT_THAT(refusalOf(v2("netchat/23 nick:a")),
                ElementsAre("error code:bad-state re:netchat/2"));
    EXPECT_THAT(refusalOf("4096      netchat/2\tnick:a\n" + std::string(4096, 'x')),
                ElementsAre(HasSubstr("re:netchat/2")));
}

TEST_F(V2DialogueTest, ASecondGreetingIsRefusedAndTheFirstHolds) {
    EXPECT_THAT(answersTo(v2("netchat/2 nick:bob")),
                ElementsAre("error code:bad-state re:netchat/2 nick:bob"));
    EXPECT_THAT(answersTo(v2("ping token:x")), ElementsAre("pong token:x"));
}

TEST_F(V2DialogueTest, EndsAtAHeaderThatMakesNoSense) {
    const std::string hello = v2("netchat/2 nick:alice");
    EXPECT_THAT(refusalOf(hello + "garbage!!!"), ElementsAre(HasSubstr("error code:bad-header")));
    Peer& bob = bench_.v2User("bob");
    bob.send("9999999999");
    bench_.settle();
    EXPECT_THAT(bob.briefs(), ElementsAre("error code:too-long"));
    EXPECT_TRUE(bob.transport.writeEnded);
    EXPECT_TRUE(bench_.report.says("bob): refused:"));
}

TEST_F(V2DialogueTest, WhatWasSaidBeforeGarbageIsNotLost) {
    Peer& bob = bench_.v2User("bob");
    bob.send(v2("say room:lobby id:1", "said") + "\xFF\xFE garbage");
    bench_.settle();
    ASSERT_EQ(bench_.log.said["lobby"].size(), 1u);
    EXPECT_EQ(bench_.log.said["lobby"][0].text, "said");
}

TEST_F(V2DialogueTest, RefusesWhatItDoesNotUnderstandAndGoesOn) {
    EXPECT_THAT(answersTo(v2("dance")), ElementsAre("error code:bad-verb re:dance"));
    EXPECT_THAT(answersTo(v2("welcome")), ElementsAre("error code:bad-verb re:welcome"));
    EXPECT_THAT(answersTo(field("no line")), ElementsAre("error code:bad-head"));
    EXPECT_THAT(answersTo(v2("say nocolon")), ElementsAre("error code:bad-head"));
    EXPECT_THAT(answersTo(v2("say room:lobby", "x")),
                ElementsAre("error room:lobby code:bad-head re:say"));
    EXPECT_THAT(answersTo(v2("say room:lobby id:", "x")),
                ElementsAre("error room:lobby code:bad-id re:say"));
    EXPECT_THAT(answersTo(v2("say room:lobby id:" + std::string(65, 'i'), "x")),
                ElementsAre(HasSubstr("code:bad-id re:say")));
    EXPECT_THAT(answersTo(v2("join room:a since:x")),
                ElementsAre("error room:a code:bad-head re:join"));
    EXPECT_THAT(answersTo(v2("ping token:x")), ElementsAre("pong token:x"));
}

TEST_F(V2DialogueTest, RefusesTextsThatAreNone) {
    EXPECT_THAT(answersTo(v2("say room:lobby id:1", "")),
                ElementsAre("error room:lobby id:1 code:bad-text re:say"));
    EXPECT_THAT(answersTo(v2("say room:lobby id:2", "\xC3(")),
                ElementsAre("error room:lobby id:2 code:bad-text re:say"));
    EXPECT_THAT(answersTo(v2("tell to:alice id:3", "\xFF")),
                ElementsAre("error id:3 code:bad-text re:tell"));
    EXPECT_THAT(answersTo(v2("say room:lobby id:4", std::string(limits::kTextBytesMax + 1, 'x'))),
                ElementsAre("error room:lobby id:4 code:too-long re:say"));
    const auto longest =
        answersTo(v2("say room:lobby id:5", std::string(limits::kTextBytesMax, 'x')));
    ASSERT_EQ(longest.size(), 1u);
    EXPECT_EQ(longest[0].substr(0, 20), "msg room:lobby seq:1");
}

// ---- files up

TEST_F(V2DialogueTest, QuestionsWithLongAnswersAreTakenAFewAtATime) {
    alice_ = &bench_.v2User("alice");
    std::string questions;
    for (int i = 0; i < 10; ++i) {
        questions += v2("history room:lobby") + v2("who room:lobby") + v2("rooms") +
                     v2("history room:attic") + v2("who room:attic");
    }
    alice_->send(questions + v2("say room:lobby id:1", "over"));
    CommandBatch first = bench_.shards[0]->takeCommands();
    EXPECT_EQ(first.commands.size(), limits::kQuestionsAtOnceMax);
    EXPECT_FALSE(alice_->transport.reading);
    bench_.submitBatch(std::move(first));
    bench_.settle();
    EXPECT_TRUE(alice_->transport.reading);
    const auto answers = alice_->briefs();
    EXPECT_EQ(answers.size(), 51u);
    EXPECT_THAT(answers.back(), HasSubstr("msg"));
}

TEST_F(V2DialogueTest, WhoEndsBehindManyQuestionsIsStillAnsweredAll) {
    alice_ = &bench_.v2User("alice");
    std::string questions;
    for (int i = 0; i < 30; ++i) questions += v2("history room:lobby");
    alice_->send(questions + v2("bye"));
    alice_->end();
    bench_.settle();
    EXPECT_EQ(alice_->briefs().size(), 30u);
    EXPECT_TRUE(alice_->gone());
}

TEST_F(V2DialogueTest, TakesAFileAndAnnouncesIt) {
    const std::string bytes(150'000, 'x');
    EXPECT_THAT(answersTo(offer("1", bytes)), ElementsAre("accept id:1 at:0 transfer:1"));
    for (size_t at = 0; at < bytes.size(); at += 50'000) {
        EXPECT_EQ(bench_.log.said["lobby"].size(), 0u);
        const auto answers = answersTo(data(1, at, bytes.substr(at, 50'000)));
        EXPECT_EQ(answers.size(), at < 100'000 ? 0u : 1u);
        if (!answers.empty()) {
            EXPECT_EQ(answers[0], "file room:lobby seq:1 from:alice id:1 name:f.bin size:150000");
        }
    }
    EXPECT_EQ(bench_.files.files.at(sha256Of(bytes)), bytes);
}

TEST_F(V2DialogueTest, WhatTheStoreHasIsNotSentAgain) {
    bench_.files.put("content");
    EXPECT_THAT(answersTo(offer("1", "content")),
                ElementsAre("accept id:1 at:7 transfer:1",
                            "file room:lobby seq:1 from:alice id:1 name:f.bin size:7"));
}

TEST_F(V2DialogueTest, AnEmptyFileIsCompleteAtOnce) {
    EXPECT_THAT(answersTo(offer("1", "")),
                ElementsAre("accept id:1 at:0 transfer:1",
                            "file room:lobby seq:1 from:alice id:1 name:f.bin size:0"));
}

TEST_F(V2DialogueTest, RefusesOffersThatCannotBe) {
    const std::string sha(64, 'a');
    const auto offering = [&](const std::string& labels) {
        std::string head = "offer\t" + labels + "\n";
        return answersTo(field(head));
    };
    EXPECT_THAT(offering("room:lobby\tid:1\tname:../x\tsize:1\tsha256:" + sha),
                ElementsAre("error room:lobby id:1 code:bad-name re:offer"));
    EXPECT_THAT(offering("room:lobby\tid:1\tname:.x\tsize:1\tsha256:" + sha),
                ElementsAre("error room:lobby id:1 code:bad-name re:offer"));
    EXPECT_THAT(offering("room:lobby\tid:1\tname:x\tsize:1\tsha256:abc"),
                ElementsAre(HasSubstr("code:bad-hash re:offer")));
    EXPECT_THAT(offering("room:lobby\tid:1\tname:x\tsize:-1\tsha256:" + sha),
                ElementsAre(HasSubstr("code:bad-head re:offer")));
    EXPECT_THAT(offering("room:lobby\tid:1\tname:x\tsize:1000001\tsha256:" + sha),
                ElementsAre("error room:lobby id:1 code:too-large re:offer"));
    EXPECT_THAT(offering("room:a\tid:1\tname:x\tsize:1\tsha256:" + sha),
                ElementsAre("error room:a id:1 code:not-in-room re:offer"));
    bench_.files.sizeMax = 10;
    EXPECT_THAT(offering("room:lobby\tid:1\tname:x\tsize:11\tsha256:" + sha),
                ElementsAre("error room:lobby id:1 code:no-room re:offer transfer:1"));
}

TEST_F(V2DialogueTest, TakesEightUploadsAtOnceHoweverTheyAreAsked) {
    std::string offers;
    for (int i = 0; i < 20; ++i) offers += offer(std::to_string(i), "content" + std::to_string(i));
    size_t accepted = 0, refused = 0;
    for (const auto& answer : answersTo(offers)) {
        accepted += answer.starts_with("accept");
        refused += answer.find("code:too-many re:offer") != std::string::npos;
    }
    EXPECT_EQ(accepted, limits::kTransfersPerSessionMax);
    EXPECT_EQ(refused, 20 - limits::kTransfersPerSessionMax);
    EXPECT_THAT(answersTo(offer("20", "one more")), ElementsAre(HasSubstr("code:too-many")));
}

TEST_F(V2DialogueTest, RefusesDataThatBelongsNowhere) {
    answersTo(offer("1", "content"));
    Peer& bob = bench_.v2User("bob");
    bob.send(data(1, 0, "con"));
    bench_.settle();
    EXPECT_THAT(bob.briefs(), ElementsAre("error code:no-such-transfer re:data"));
    EXPECT_THAT(answersTo(data(2, 0, "x")), ElementsAre("error code:no-such-transfer re:data"));
    EXPECT_THAT(answersTo(data(1, 0, "con")), IsEmpty());
    // A chunk that does not continue ends the transfer, which may then be offered again.
    EXPECT_THAT(answersTo(data(1, 4, "ent")),
                ElementsAre("error room:lobby id:1 code:bad-offset re:offer transfer:1"));
    EXPECT_THAT(answersTo(data(1, 3, "tent")), ElementsAre("error code:no-such-transfer re:data"));
    EXPECT_THAT(answersTo(offer("1", "content") + data(2, 0, "content and more")),
                ElementsAre("error code:no-such-transfer re:data", "accept id:1 at:0 transfer:2"))
        << "nobody was asked for it yet";
    EXPECT_THAT(answersTo(data(2, 0, "content and more")),
                ElementsAre("error room:lobby id:1 code:bad-offset re:offer transfer:2"));
    EXPECT_EQ(bench_.files.uploads(), 0u);
}

TEST_F(V2DialogueTest, RefusesAFileThatIsNotWhatWasOffered) {
    answersTo(offer("1", "content"));
    EXPECT_THAT(answersTo(data(1, 0, "CONTENT")),
                ElementsAre("error room:lobby id:1 code:bad-hash re:offer transfer:1"));
    EXPECT_THAT(bench_.files.files, IsEmpty());
    EXPECT_TRUE(bench_.report.says("the file f.bin was refused"));
}

TEST_F(V2DialogueTest, AnUploadThatIsCancelledOrCutIsForgotten) {
    answersTo(offer("1", "content") + offer("2", "another"));
    EXPECT_EQ(bench_.files.uploads(), 2u);
    answersTo(data(1, 0, "con") + v2("cancel transfer:1"));
    EXPECT_EQ(bench_.files.uploads(), 1u);
    answersTo(data(2, 0, "ano"));
    alice_->end();
    bench_.settle();
    EXPECT_EQ(bench_.files.uploads(), 0u);
    EXPECT_TRUE(bench_.report.says("disconnected in the middle of a file"));
    EXPECT_TRUE(alice_->gone());
}

TEST_F(V2DialogueTest, AFileWhoseBytesAreAllThereIsAnnouncedThoughItsSenderEnds) {
    answersTo(offer("1", "content"));
    bench_.files.held = true;
    alice_->send(data(1, 0, "content"));
    alice_->end();
    bench_.settle();
    EXPECT_FALSE(alice_->gone());
    bench_.files.held = false;
    bench_.files.run();
    bench_.settle();
    EXPECT_THAT(alice_->briefs(),
                ElementsAre("file room:lobby seq:1 from:alice id:1 name:f.bin size:7"));
    EXPECT_TRUE(alice_->gone());
}

TEST_F(V2DialogueTest, IsNotReadWhileTheDiskIsBehind) {
    const std::string bytes(1'000'000, 'x');
    Bench bench;
    Peer& alice = bench.v2User("alice");
    const std::string big(2 * limits::kSpoolWindowBytes, 'x');
    alice.send(v2("offer room:lobby id:1 name:f size:" + std::to_string(big.size()) +
                  " sha256:" + sha256Of(big)));
    bench.settle();
    bench.files.held = true;
    size_t at = 0;
    for (; alice.transport.reading && at < big.size(); at += limits::kPieceBytes) {
        alice.send(data(1, at, std::string_view(big).substr(at, limits::kPieceBytes)));
    }
    EXPECT_FALSE(alice.transport.reading);
    EXPECT_LE(at, limits::kSpoolWindowBytes + limits::kPieceBytes);
    bench.files.run(1);
    bench.settle();
    EXPECT_TRUE(alice.transport.reading);
    bench.files.held = false;
    for (; at < big.size(); at += limits::kPieceBytes) {
        alice.send(data(1, at, std::string_view(big).substr(at, limits::kPieceBytes)));
    }
    bench.files.run();
    bench.settle();
    EXPECT_EQ(alice.frames().back().verb, "file");
}

// ---- files down

TEST_F(V2DialogueTest, SendsAFileInChunks) {
    std::string bytes(150'000, 'x');
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
    const std::string sha = bench_.files.put(bytes);
    alice_ = &bench_.v2User("alice");
    alice_->send(v2("get sha256:" + sha) + v2("get at:149999 sha256:" + sha) +
                 v2("get at:150000 sha256:" + sha));
    bench_.settle();
    std::string whole, rests;
    for (const Frame& frame : alice_->frames()) {
        EXPECT_EQ(frame.verb, "data");
        EXPECT_EQ(frame["sha256"], sha);
        EXPECT_LE(frame.body.size(), limits::kPieceBytes);
        if (frame.number("off") == whole.size()) {
            whole += frame.body;
        } else {
            rests += frame["off"] + ":" + std::to_string(frame.body.size()) + " ";
        }
    }
    EXPECT_TRUE(whole == bytes);
    EXPECT_EQ(rests, "149999:1 150000:0 ");
}

TEST_F(V2DialogueTest, RefusesDownloadsThatCannotBe) {
    const std::string sha = bench_.files.put("content");
    EXPECT_THAT(answersTo(v2("get sha256:" + std::string(64, 'a'))),
                ElementsAre("error code:no-such-file re:get"));
    EXPECT_THAT(answersTo(v2("get sha256:abc")), ElementsAre(HasSubstr("re:get")));
    EXPECT_THAT(answersTo(v2("get at:8 sha256:" + sha)),
                ElementsAre("error code:bad-offset re:get"));
    std::string gets;
    for (int i = 0; i < 9; ++i) gets += v2("get sha256:" + sha);
    const auto answers = answersTo(gets);
    EXPECT_EQ(std::count(answers.begin(), answers.end(), "data off:0"), 8);
    EXPECT_EQ(std::count(answers.begin(), answers.end(), "error code:too-many re:get"), 1);
}

TEST_F(V2DialogueTest, ChatOvertakesAFile) {
    const std::string sha = bench_.files.put(std::string(10 * limits::kMiB, 'x'));
    alice_ = &bench_.v2User("alice");
    Peer& bob = bench_.v2User("bob");
    alice_->open(100'000);
    alice_->send(v2("get sha256:" + sha));
    bench_.settle();
    bob.send(v2("say room:lobby id:1", "hurry"));
    bench_.settle();
    alice_->open();
    bench_.settle();
    size_t before = 0;
    for (const Frame& frame : alice_->frames()) {
        if (frame.verb == "msg") break;
        if (frame.verb == "data") ++before;
    }
    EXPECT_LE(before, 2u);
}

TEST_F(V2DialogueTest, ADownloadThatIsCancelledEndsAtAFrame) {
    const std::string sha = bench_.files.put(std::string(limits::kMiB, 'x'));
    alice_ = &bench_.v2User("alice");
    alice_->open(100'000);
    alice_->send(v2("get sha256:" + sha));
    bench_.settle();
    alice_->send(v2("cancel sha256:" + sha) + v2("ping token:x"));
    alice_->open();
    bench_.settle();
    const auto frames = alice_->frames();
    EXPECT_LE(frames.size(), 4u);
    EXPECT_EQ(frames.back().verb, "pong");
}

TEST_F(V2DialogueTest, WhatIsVerifiedIsToldWhetherItIsWhole) {
    const std::string sha = bench_.files.put("content");
    EXPECT_THAT(answersTo(v2("verify sha256:" + sha)), ElementsAre("verified"));
    bench_.files.files.erase(sha);
    EXPECT_THAT(answersTo(v2("verify sha256:" + sha)),
                ElementsAre("error code:no-such-file re:verify"));
    EXPECT_THAT(answersTo(v2("verify sha256:abc")), ElementsAre("error code:bad-hash re:verify"));
}

TEST_F(V2DialogueTest, VerifyCountsAsAQuestion) {
    const std::string sha = bench_.files.put("content");
    bench_.files.held = true;
    std::string asked;
    for (size_t i = 0; i <= limits::kQuestionsAtOnceMax; ++i) asked += v2("verify sha256:" + sha);
    EXPECT_THAT(answersTo(asked + v2("ping token:x")), IsEmpty());
    EXPECT_EQ(bench_.files.asked(), limits::kQuestionsAtOnceMax);
    bench_.files.held = false;
    bench_.files.run();
    bench_.settle();
    bench_.files.run();
    bench_.settle();
    const auto answers = alice_->briefs();
    EXPECT_EQ(std::count(answers.begin(), answers.end(), "verified"), 9);
    EXPECT_EQ(std::count(answers.begin(), answers.end(), "pong token:x"), 1);
}

TEST_F(V2DialogueTest, AFileWhoseLengthNobodyKnowsIsReadBeforeItIsSent) {
    const std::string sha = bench_.files.put("content");
    bench_.files.uncertain.insert(sha);
    bench_.files.held = true;
    EXPECT_THAT(answersTo(v2("get len:3 sha256:" + sha) + v2("get at:3 len:9 sha256:" + sha)),
                IsEmpty());
    bench_.files.held = false;
    bench_.files.run();
    bench_.settle();
    EXPECT_THAT(alice_->briefs(), ElementsAre("data off:0"));
    bench_.files.uncertain.insert(sha);
    bench_.files.held = true;
    EXPECT_THAT(answersTo(v2("get sha256:" + sha)), IsEmpty());
    bench_.files.files.erase(sha);
    bench_.files.held = false;
    bench_.files.run();
    bench_.settle();
    EXPECT_THAT(alice_->briefs(), ElementsAre("error code:no-such-file re:get"));
}

TEST_F(V2DialogueTest, ADownloadOfAFileThatGotShorterEndsWithAnError) {
    const std::string sha = bench_.files.put(std::string(100'000, 'x'));
    bench_.files.shortened = limits::kPieceBytes;
    EXPECT_THAT(answersTo(v2("get sha256:" + sha)),
                ElementsAre("data off:0", "error code:no-such-file re:get"));
    EXPECT_THAT(answersTo(v2("ping token:x")), ElementsAre("pong token:x")) << "and goes on";
}

TEST_F(V2DialogueTest, ADownloadOfAFileThatIsFoundToBeDamagedEndsWithAnError) {
    const std::string sha = bench_.files.put(std::string(limits::kMiB, 'x'));
    alice_ = &bench_.v2User("alice");
    alice_->open(100'000);
    alice_->send(v2("get sha256:" + sha));
    bench_.settle();
    const auto opened = bench_.files.opened.lock();
    ASSERT_NE(opened, nullptr);
    opened->spoil();
    alice_->open();
    bench_.settle();
    EXPECT_EQ(alice_->frames().back().verb, "error");
    EXPECT_FALSE(alice_->transport.writeEnded);
}

TEST_F(V2DialogueTest, AnUploadThatNoBytesComeForEndsWhileAnotherGoesOn) {
    answersTo(offer("1", "content") + offer("2", "another"));
    EXPECT_EQ(bench_.files.uploads(), 2u);
    bench_.setNow(limits::kUploadTimeoutMs - 1000);
    EXPECT_THAT(answersTo(data(2, 0, "an")), IsEmpty());
    for (int64_t ms = 0; ms <= 60'000; ms += 1000) {
        bench_.setNow(limits::kUploadTimeoutMs + ms);
        bench_.shards[0]->tick();
    }
    bench_.settle();
    EXPECT_THAT(alice_->briefs(),
                ElementsAre("error room:lobby id:1 code:timeout re:offer transfer:1"));
    EXPECT_EQ(bench_.files.uploads(), 1u);
}

TEST_F(V2DialogueTest, AFileThatCannotBeReadEndsTheSession) {
    const std::string sha = bench_.files.put(std::string(100'000, 'x'));
    bench_.files.readable = 1000;
    alice_ = &bench_.v2User("alice");
    alice_->send(v2("get sha256:" + sha));
    bench_.settle();
    alice_->open();
    bench_.settle();
    EXPECT_TRUE(alice_->transport.writeEnded);
    EXPECT_TRUE(bench_.report.says("a stored file is unreadable"));
}

}  // namespace
}  // namespace netchat::serve::testing
