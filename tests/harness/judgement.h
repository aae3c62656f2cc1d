#pragma once

// A room of three bots whose story is judged, and the verdict's violations as lines.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "harness/judge/checker.h"
#include "tests/harness/journal_builder.h"

namespace netchat::harness {

inline std::vector<std::string> textsOf(const Verdict& verdict) {
    std::vector<std::string> texts;
    for (const Violation& violation : verdict.violations) {
        texts.push_back(std::string(propertyName(violation.property)) + ": " + violation.text);
    }
    return texts;
}

// bot0 and bot1 speak v2, bot2 is classic; all are in the lobby.
struct Judgement : testing::Test {
    Story story;
    uint32_t alice = story.member(), bob = story.member(),
             carol = story.member(Story::Dialect::Classic);

    void seenByAll(uint32_t sender, uint32_t number, uint64_t seq) {
        for (const uint32_t who : {alice, bob}) story.sees(who, sender, number, seq);
        if (sender != carol) story.sees(carol, sender, number, 0);
    }
    void saidAndSeen(uint32_t sender, uint32_t number, uint64_t seq) {
        story.says(sender, number);
        seenByAll(sender, number, seq);
    }
    void uploadedAndAnnounced() {
        story.fileFrom(alice);
        for (const uint32_t who : {alice, bob}) story.seesFile(who, alice, Kind::Announced, 2);
    }
    Verdict judged(std::string_view end = "settled") {
        story.ends(end);
        return check(story.journal());
    }
    std::vector<std::string> judgedTexts(std::string_view end = "settled") {
        return textsOf(judged(end));
    }
};

}  // namespace netchat::harness
