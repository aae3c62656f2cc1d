#pragma once

// The attacks: what each sends, what a server must do, and how it is tried. The number and the name
// of one that is listed stay its own.

#include <string>
#include <string_view>
#include <vector>

#include "harness/hostile/target.h"
#include "protocol/dialect.h"

namespace netchat::harness::hostile {

enum class Kind { Framing, Slow, Floods, Identity, Transfers, Text, Resources };
std::string_view kindName(Kind kind);

// What it is tried against.
enum class Against {
    Any,    // every server of the dialect
    Ours,   // netchat's own rules
    Child,  // only one that was started for the run: its options or its process matter
};

struct Attack {
    Kind kind;
    unsigned number;  // the hundreds are the kind's
    std::string_view name;
    Dialect dialect;
    Against against;
    std::string_view sends, must;
    // Returns if the server did what it must, or throws ExpectationFailed.
    void (*tryOn)(Target&);
};

// In order of their numbers.
const std::vector<Attack>& allAttacks();
// By number or name; null when there is none.
const Attack* findAttack(std::string_view wanted);

// Each kind's, of v2 and of the classic dialect.
std::vector<Attack> framingAttacks();
std::vector<Attack> classicFramingAttacks();
std::vector<Attack> slowAttacks();
std::vector<Attack> floodAttacks();
std::vector<Attack> identityAttacks();
std::vector<Attack> transferAttacks();
std::vector<Attack> textAttacks();
std::vector<Attack> resourceAttacks();
// The last are tried on a server with these options besides: one that counts by address.
std::vector<std::string> serverForResources();

}  // namespace netchat::harness::hostile
