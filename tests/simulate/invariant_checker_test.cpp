// The simulator's checker by itself: each difference between what is shown and what is kept.

#include "harness/simulate/invariant_checker.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace netchat::simulate {
namespace {

struct SimulatedLog : testing::Test {
    void appends(const std::string& text, const std::string& id, uint64_t user = 7) {
        const store::Draft draft{"lobby",
                                 {.kind = store::EntryKind::Message,
                                  .time = 5,
                                  .user = user,
                                  .id = id,
                                  .from = "ann",
                                  .text = text,
                                  .sha256 = "ab",
                                  .size = 3}};
        ASSERT_TRUE(log.append({&draft, 1}));
    }
    store::Entry kept(uint64_t seq) const { return log.entry("lobby", seq, 0)->view(seq); }
    // The invariant that this violates, or nothing.
    std::string shows(const store::Entry& entry, const std::string& room = "lobby") {
        InvariantChecker checker(log, trace);
        checker.shown("bob", entry, room);
        return checker.first() ? checker.first()->invariant : "";
    }
    std::string looks() {
        InvariantChecker checker(log, trace);
        checker.look();
        return checker.first() ? checker.first()->invariant : "";
    }

    SimLog log{Durability::Process};
    Trace trace{false};
};

TEST_F(SimulatedLog, WhatIsShownIsThereAndTheSameInEveryField) {
    appends("ann #1 x.", "1");
    EXPECT_EQ(shows(kept(1)), "");
    std::vector<store::Entry> others(8, kept(1));
    others[0].kind = store::EntryKind::File;
    others[1].time = 6;
    others[2].user = 8;
    others[3].id = "2";
    others[4].from = "eve";
    others[5].text = "ann #1 y.";
    others[6].sha256 = "cd";
    others[7].size = 4;
    for (size_t i = 0; i < others.size(); ++i) EXPECT_EQ(shows(others[i]), "altered") << i;
}

TEST_F(SimulatedLog, WhatIsShownMustBeInTheLogOfItsRoom) {
    appends("ann #1 x.", "1");
    EXPECT_EQ(shows(kept(1), "attic"), "unlogged");
    for (const uint64_t seq : {0, 2}) {
        store::Entry other = kept(1);
        other.seq = seq;
        EXPECT_EQ(shows(other), "unlogged") << seq;
    }
}

TEST_F(SimulatedLog, ATextIsInTheLogOnce) {
    appends("ann #1 x.", "1"), appends("ann #2 x.", "2");
    EXPECT_EQ(looks(), "");
    appends("ann #1 x.", "3");
    EXPECT_EQ(looks(), "twice");
}

TEST_F(SimulatedLog, KeepsWhatEachSaidInOrder) {
    appends("ann #2 x.", "2"), appends("bob #1 x.", "1", 8), appends("ann #3 x.", "3");
    EXPECT_EQ(looks(), "");
    appends("ann #1 x.", "4");
    EXPECT_EQ(looks(), "order");
    InvariantChecker forgiving(log, trace);
    forgiving.saidOutside(1);
    forgiving.look();
    EXPECT_FALSE(forgiving.first());
    InvariantChecker failing(log, trace);
    failing.logFailed();
    failing.look();
    EXPECT_FALSE(failing.first());
}

TEST_F(SimulatedLog, OnlyTheFirstViolationIsKept) {
    InvariantChecker checker(log, trace);
    checker.violated("lost", "one");
    checker.violated("doubled", "another");
    ASSERT_TRUE(checker.first());
    EXPECT_EQ(checker.first()->invariant, "lost");
    EXPECT_EQ(checker.first()->text, "one");
}

}  // namespace
}  // namespace netchat::simulate
