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
        "every message reaches everyone who must receive it",
        "no message arrives twice",
        "every message arrives unchanged",
        "nobody receives what nobody sent, or what was for others",
        "each sender's messages keep their order",
        "each room has one order, the same for everyone",
        "every message comes back to its sender",
        "every file reaches everyone who must receive it, once, with the right SHA-256",
        "no temporary file is left in the downloads folders",
        "no bot loses its connection for good, and the server ends as it should",
        "after the faults everything arrives in time",
        "an interrupted transfer resumes, and little of it is sent again",
        "what was acknowledged before a kill of the server is in the logs afterwards"};
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
