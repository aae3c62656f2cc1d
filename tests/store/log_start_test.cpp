// What a start makes of what the last run left beside its log.

#include "modes/store/log_start.h"

#include <gmock/gmock.h>

namespace netchat::store {
namespace {

using testing::HasSubstr;

// A log of 100 entries after kill -9 on the same boot.
LogFound killed() {
    LogFound found;
    found.run = LogRun{"token", "boot-1", 7};
    found.runInode = 8;
    found.runChangedNs = 9;
    found.mark = LogMark{"token", 8, 9, "5f1c09aa31d4be72", 100, false};
    found.logInode = 7;
    found.boot = "boot-1";
    found.identity = "5f1c09aa31d4be72";
    found.total = 100;
    found.witness = LogWitnessed{"token", 100};
    return found;
}

void expectAnother(const LogFound& found, const std::string& why) {
    const auto verdict = judgeStart(found);
    EXPECT_FALSE(verdict.same) << why;
    EXPECT_EQ(verdict.lost, 0u) << why;
    EXPECT_THAT(verdict.text, HasSubstr(why));
}

TEST(LogStart, AfterTheDeathOfItsProcessALogIsTheSame) {
    const auto verdict = judgeStart(killed());
    EXPECT_TRUE(verdict.same);
    EXPECT_EQ(verdict.text, "");
}

TEST(LogStart, WhatWasCommittedAndNotCountedIsNoLoss) {
    LogFound found = killed();
    found.total = 105;
    EXPECT_TRUE(judgeStart(found).same);
}

TEST(LogStart, WithoutAWitnessItIsAnotherInSilence) {
    LogFound found = killed();
    found.witness.reset();
    EXPECT_FALSE(judgeStart(found).same);
    EXPECT_TRUE(judgeStart(found).intact);
    EXPECT_EQ(judgeStart(found).text, "");
    found.mark->clean = true;
    found.boot = "boot-2";
    EXPECT_FALSE(judgeStart(found).same);
    EXPECT_TRUE(judgeStart(found).intact);
    EXPECT_EQ(judgeStart(found).text, "");
}

// All files are as they were, to the last byte and the last time of change.
TEST(LogStart, ADiskThatWasPutBackIsKnownByItsWitness) {
    for (const bool clean : {false, true}) {
        LogFound found = killed();
        found.mark->clean = clean;
        found.witness = LogWitnessed{"a later run", 100};
        expectAnother(found, "its disk was restored");
        EXPECT_FALSE(judgeStart(found).intact);
        found.witness = LogWitnessed{"token", 101};  // of the same run, which went on
        expectAnother(found, "its disk was restored");
    }
}

TEST(LogStart, AfterTheEndOfTheMachineItIsAnother) {
    LogFound found = killed();
    found.witness.reset();
    found.boot = "boot-2";
    expectAnother(found, "the machine stopped");
    found.boot = found.run->boot = "";
    expectAnother(found, "the machine stopped");
}

TEST(LogStart, EntriesThatAreMissingAreCounted) {
    LogFound found = killed();
    found.total = 97;
    auto verdict = judgeStart(found);
    EXPECT_FALSE(verdict.same);
    EXPECT_EQ(verdict.lost, 3u);
    EXPECT_THAT(verdict.text, HasSubstr("lost its last 3 entries: it had 100, and has 97"));
    found.mark->clean = true;
    EXPECT_EQ(judgeStart(found).lost, 3u);
    found.total = 99;
    EXPECT_THAT(judgeStart(found).text, HasSubstr("lost its last 1 entry:"));
    // The log itself is gone.
    found.total = 0;
    found.identity.clear();
    verdict = judgeStart(found);
    EXPECT_EQ(verdict.lost, 100u);
    EXPECT_FALSE(verdict.same);
}

TEST(LogStart, OfANewFolderAndOfOneOfAnEarlierVersionNothingIsSaid) {
    LogFound found;
    EXPECT_FALSE(judgeStart(found).same) << "it is given its first";
    EXPECT_EQ(judgeStart(found).text, "");
    found.total = 500;
    EXPECT_EQ(judgeStart(found).text, "");
}

TEST(LogStart, ACopyOfTheFolderIsAnother) {
    LogFound found = killed();
    found.mark->clean = true;
    found.runInode = 18;
    expectAnother(found, "log.run was replaced");
    found = killed();
    found.mark->clean = true;
    found.runChangedNs = 10;  // copied over the first
    expectAnother(found, "log.run was written");
}

TEST(LogStart, ALogAloneThatWasPutBackIsAnother) {
    LogFound found = killed();
    found.logInode = 17;
    expectAnother(found, "log.sqlite is another file");
    found = killed();
    found.identity = "9e07b3c5d82f4410";  // of an earlier life, and as long
    expectAnother(found, "log.sqlite is of another run");
}

TEST(LogStart, WithoutTheFilesOfTheLastRunItIsAnother) {
    LogFound found = killed();
    found.mark.reset();
    expectAnother(found, "missing or damaged");
    found = killed();
    found.run.reset();
    expectAnother(found, "missing or damaged");
    found = killed();
    found.mark->token = "another";
    expectAnother(found, "of two runs");
    found.total = 90;  // the mark says nothing of this log
    expectAnother(found, "of two runs");
}

TEST(LogStart, ItsFilesAreReadAsTheyAreWritten) {
    const LogRun run{"0123abcd", "d1c4-77", 4711};
    const auto readRun = parseRun(runText(run));
    ASSERT_TRUE(readRun);
    EXPECT_EQ(readRun->token, run.token);
    EXPECT_EQ(readRun->boot, run.boot);
    EXPECT_EQ(readRun->logInode, run.logInode);

    const LogMark mark{std::string(32, 'f'), UINT64_MAX, INT64_MIN,
                       std::string(32, 'e'), UINT64_MAX, true};
    const auto readMark = parseMark(markText(mark));
    ASSERT_TRUE(readMark);
    EXPECT_EQ(readMark->token, mark.token);
    EXPECT_EQ(readMark->runInode, mark.runInode);
    EXPECT_EQ(readMark->runChangedNs, mark.runChangedNs);
    EXPECT_EQ(readMark->identity, mark.identity);
    EXPECT_EQ(readMark->total, mark.total);
    EXPECT_TRUE(readMark->clean);
}

TEST(LogStart, TheLastLineOfTheMarkIsWrittenInItsPlace) {
    std::string text = markText({"token", 1, 2, "5f1c09aa31d4be72", 3, false});
    const std::string line = markLastLine(123'456, true);
    ASSERT_EQ(markLastLineOffset() + line.size(), text.size());
    text.replace(markLastLineOffset(), line.size(), line);
    const auto mark = parseMark(text);
    ASSERT_TRUE(mark);
    EXPECT_EQ(mark->total, 123'456u);
    EXPECT_TRUE(mark->clean);
    EXPECT_EQ(mark->token, "token");
}

TEST(LogStart, FilesThatAreCutOrWrongAreNone) {
    const std::string run = runText({"token", "boot", 1});
    const std::string mark = markText({"token", 1, 2, "5f1c09aa31d4be72", 3, false});
    for (size_t size = 0; size < run.size(); ++size) EXPECT_FALSE(parseRun(run.substr(0, size)));
    for (size_t size = 0; size < mark.size(); ++size) {
        EXPECT_FALSE(parseMark(mark.substr(0, size))) << size;
    }
    EXPECT_FALSE(parseMark(mark + "x"));
    EXPECT_FALSE(parseMark(std::string(mark.size(), '\0')));
    EXPECT_FALSE(parseRun(std::string(run.size(), '\0')));
    std::string wrong = mark;
    wrong[markLastLineOffset() + 15] = 'x';
    EXPECT_FALSE(parseMark(wrong));
}

}  // namespace
}  // namespace netchat::store
