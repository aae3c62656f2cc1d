#include "harness/judge/verdict.h"

namespace netchat::harness {

std::string_view propertyName(Property property) {
    constexpr std::array<std::string_view, kPropertyCount> kNames = {
        "lost",        "duplicated",   "corrupted", "unexpected",  "sender-order",
        "total-order", "acknowledged", "files",     "temporaries", "connections",
        "liveness",    "resumes",      "survived"};
    return kNames[static_cast<size_t>(property)];
}

std::string_view propertyText(Property property) {
    constexpr std::array<std::string_view, kPropertyCount> kTexts = {
        "every message is seen by all who are owed it",
        "no message is seen twice",
        "every message has the bytes that were said",
        "nothing is seen that nobody sent or that was for others",
        "each sender's messages keep their order",
        "each room has one order, the same for everyone",
        "what was said comes back to who said it",
        "every file is at all who are owed it, once, with its SHA-256",
        "nothing is left in the downloads folders",
        "no bot loses its connection for good, and the server ends as it should",
        "after the faults everything owed arrives in time",
        "a transfer that was cut goes on, and little of it is sent again",
        "what was acknowledged before a kill of the server is in the logs after it"};
    return kTexts[static_cast<size_t>(property)];
}

std::string_view outcomeName(Outcome outcome) {
    switch (outcome) {
        case Outcome::Pass:
            return "PASS";
        case Outcome::Fail:
            return "FAIL";
        case Outcome::Inconclusive:
            break;
    }
    return "INCONCLUSIVE";
}

int exitCode(Outcome outcome) {
    return outcome == Outcome::Pass ? 0 : outcome == Outcome::Fail ? 1 : 2;
}

}  // namespace netchat::harness
